/* SPDX-License-Identifier: BSL-1.0 */
#define CONFIG_X86_64 1
