// SPDX-License-Identifier: BSL-1.0
// The compiler's verdict on the driver is the key.
