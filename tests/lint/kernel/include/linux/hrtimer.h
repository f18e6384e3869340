/* SPDX-License-Identifier: BSL-1.0 */
#include <linux/kernel.h>
