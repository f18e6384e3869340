// SPDX-License-Identifier: BSL-1.0
#include <kctx/api/device_attribute.hpp>
#include <kctx/api/miscdevice.hpp>
#include <kctx/api/platform_device.hpp>
#include <kctx/host/control.hpp>
#include <kctx/host/user_space.hpp>
#include <kctx/kctx.hpp>

#include <algorithm>
#include <cstring>
#include <doctest/doctest.h>
#include <string>

using namespace kctx;

namespace {

// A driver whose device keeps one line of text.
struct text_lock : mutex {};
struct text_device {
    miscdevice misc; // first: what the file's private_data points to
    text_lock lock;
    std::string text;
    int opened = 0;
};

int text_open(SyscallCtx ctx, inode *, file *f)
{
    auto *d = static_cast<text_device *>(f->private_data);
    KCTX_MUTEX_LOCK(ctx, d->lock) {
        if (d->opened == 2)
            return -EBUSY;
        d->opened++;
    }
    return 0;
}
int text_release(ProcessCtx ctx, inode *, file *f)
{
    auto *d = static_cast<text_device *>(f->private_data);
    KCTX_MUTEX_LOCK(ctx, d->lock) {
        d->opened--;
    }
    return 0;
}
ssize_t text_read(SyscallCtx ctx, file *f, user_ptr<char> to, size_t size, loff_t *position)
{
    auto *d = static_cast<text_device *>(f->private_data);
    KCTX_MUTEX_LOCK(ctx, d->lock) {
        const auto from = static_cast<size_t>(*position);
        const size_t n = std::min(size, d->text.size() - from);
        if (copy_to_user(ctx, to, d->text.data() + from, n) != 0)
            return -EFAULT;
        *position += static_cast<loff_t>(n);
        return static_cast<ssize_t>(n);
    }
    return 0;
}
ssize_t text_write(SyscallCtx ctx, file *f, user_ptr<const char> from, size_t size, loff_t *)
{
    auto *d = static_cast<text_device *>(f->private_data);
    KCTX_MUTEX_LOCK(ctx, d->lock) {
        d->text.resize(size);
        if (copy_from_user(ctx, d->text.data(), from, size) != 0)
            return -EFAULT;
    }
    return static_cast<ssize_t>(size);
}
long text_ioctl(SyscallCtx ctx, file *f, unsigned int command, unsigned long argument)
{
    auto *d = static_cast<text_device *>(f->private_data);
    if (command != 1)
        return -ENOTTY;
    const user_ptr<int> to(reinterpret_cast<int *>(argument));
    return put_user(ctx, d->opened, to);
}
const file_operations text_fops = {
    .llseek = {},
    .read = handler<text_read>,
    .write = handler<text_write>,
    .unlocked_ioctl = handler<text_ioctl>,
    .mmap = {},
    .open = handler<text_open>,
    .flush = {},
    .release = handler<text_release>,
};
const file_operations no_operations = {};

ssize_t length_show(ProcessCtx ctx, device *dev, device_attribute *, char *page)
{
    auto *d = static_cast<text_device *>(dev_get_drvdata(dev));
    KCTX_MUTEX_LOCK(ctx, d->lock) {
        const std::string length = std::to_string(d->text.size());
        std::memcpy(page, length.c_str(), length.size());
        return static_cast<ssize_t>(length.size());
    }
    return 0;
}
ssize_t length_store(ProcessCtx, device *dev, device_attribute *, const char *page, size_t size)
{
    auto *d = static_cast<text_device *>(dev_get_drvdata(dev));
    if (std::strlen(page) != size)
        return -EINVAL;
    d->text.resize(static_cast<size_t>(std::stoi(page)), '.');
    return static_cast<ssize_t>(size);
}
device_attribute length = {"length", 0644, handler<length_show>, handler<length_store>};
device_attribute nothing = {"nothing", 0000, {}, {}};

text_device the_device;
int text_probe(ProcessCtx ctx, platform_device *pdev)
{
    if (the_device.misc.name)
        return -EBUSY;
    the_device.misc = {pdev->name, &text_fops, 0600};
    platform_set_drvdata(pdev, &the_device);
    if (const int error = device_create_file(ctx, &pdev->dev, &length); error != 0)
        return error;
    return misc_register(ctx, &the_device.misc);
}
void text_remove(ProcessCtx ctx, platform_device *pdev)
{
    auto *d = static_cast<text_device *>(platform_get_drvdata(pdev));
    misc_deregister(ctx, &d->misc);
    device_remove_file(ctx, &pdev->dev, &length);
    d->misc = {};
}
platform_driver text_driver = {handler<text_probe>, handler<text_remove>, {"text"}};

} // namespace

TEST_CASE("a driver gets its device, and user space its files")
{
    platform_device pdev{"text", {}};
    platform_device other{"other", {}};
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(platform_device_register(ctx, &other) == 0);
        CHECK(platform_device_register(ctx, &pdev) == 0);
        CHECK(platform_driver_register(ctx, &text_driver) == 0);
    });
    CHECK(platform_get_drvdata(&pdev) == &the_device);
    CHECK(platform_get_drvdata(&other) == nullptr);

    {
        host::opened_file f("text");
        REQUIRE(f.error() == 0);
        CHECK(f.write("hello") == 5);
        char text[8] = {};
        CHECK(f.read(text, 3) == 3);
        CHECK(std::string(text) == "hel");
        CHECK(f.read(text, sizeof text) == 2); // from where the first read ended
        CHECK(text[0] == 'l');
        CHECK(f.read(text, sizeof text) == 0);
        int opened = 0;
        CHECK(f.ioctl(1, reinterpret_cast<unsigned long>(&opened)) == 0);
        CHECK(opened == 1);
        CHECK(f.ioctl(2, 0) == -ENOTTY);

        host::opened_file second("text");
        host::opened_file third("text");
        CHECK(second.error() == 0);
        CHECK(third.error() == -EBUSY);
        const host::bad_user_memory unmapped(text, sizeof text);
        CHECK(f.write(text, sizeof text) == -EFAULT);
    }
    CHECK(the_device.opened == 0); // the files that were opened are closed

    the_device.text = "four";
    ssize_t error = 1;
    CHECK(host::read_attribute(&pdev.dev, "length", &error) == "4");
    CHECK(error == 0);
    CHECK(host::write_attribute(&pdev.dev, "length", "6") == 1);
    CHECK(the_device.text == "four..");
    CHECK(host::write_attribute(&pdev.dev, "no such file", "6") == -ENOENT);
    CHECK(host::read_attribute(&other.dev, "length", &error).empty());
    CHECK(error == -ENOENT);

    host::run<ProcessCtx>([&](ProcessCtx ctx) { platform_device_unregister(ctx, &pdev); });
    CHECK(host::opened_file("text").error() == -ENODEV);
    CHECK(host::read_attribute(&pdev.dev, "length", &error).empty());

    // A device may come when its driver is there, and the driver may go before it.
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(platform_device_register(ctx, &pdev) == 0);
        CHECK(host::opened_file("text").error() == 0);
        platform_driver_unregister(ctx, &text_driver);
        CHECK(host::opened_file("text").error() == -ENODEV);
        platform_device_unregister(ctx, &pdev);
        platform_device_unregister(ctx, &other);
    });
}

TEST_CASE("a driver that refuses its device is not asked again")
{
    platform_device pdev{"text", {}};
    the_device.misc.name = "taken";
    int lines = 0;
    host::set_printk_sink([&](int, std::string_view) { lines++; });
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(platform_driver_register(ctx, &text_driver) == 0);
        CHECK(platform_device_register(ctx, &pdev) == 0);
        platform_device unrelated{"unrelated", {}};
        CHECK(platform_device_register(ctx, &unrelated) == 0);
        CHECK(lines == 1);
        platform_device_unregister(ctx, &unrelated);
        platform_device_unregister(ctx, &pdev);
        platform_driver_unregister(ctx, &text_driver);
    });
    host::set_printk_sink({});
    the_device.misc = {};
}

namespace {

// Modules: one of two functions, one that is a driver.
std::string loaded;
int clock_init(ProcessCtx ctx)
{
    msleep(ctx, 1);
    loaded += "clock ";
    return 0;
}
void clock_exit() { loaded += "-clock "; }
module_init(clock_init);
module_exit(clock_exit);

int blink_probe(ProcessCtx, platform_device *)
{
    loaded += "blink ";
    return 0;
}
void blink_remove(ProcessCtx, platform_device *) { loaded += "-blink "; }
platform_driver blink_driver{
    .probe = handler<blink_probe>, .remove = handler<blink_remove>, .driver = {.name = "blink"}};
module_platform_driver(blink_driver);
int broken_init() { return -ENODEV; }
module_init(broken_init);
void last_exit() { loaded += "-last "; }
module_exit(last_exit);
MODULE_LICENSE("GPL");

} // namespace

TEST_CASE("modules are loaded in order, until one fails, and unloaded the other way around")
{
    platform_device blink{"blink", {}};
    host::run<ProcessCtx>(
        [&](ProcessCtx ctx) { CHECK(platform_device_register(ctx, &blink) == 0); });
    CHECK(host::init_modules() == -ENODEV);
    CHECK(loaded == "clock blink ");
    host::exit_modules();
    CHECK(loaded == "clock blink -last -blink -clock ");
    host::run<ProcessCtx>([&](ProcessCtx ctx) { platform_device_unregister(ctx, &blink); });
}

TEST_CASE("what a driver does not have fails as in the kernel")
{
    miscdevice misc{"bare", &no_operations, 0600};
    device dev;
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(misc_register(ctx, &misc) == 0);
        CHECK(misc_register(ctx, &misc) == -EEXIST);
        CHECK(device_create_file(ctx, &dev, &nothing) == 0);
        CHECK(device_create_file(ctx, &dev, &nothing) == -EEXIST);
    });
    host::opened_file f("bare");
    CHECK(f.error() == 0);
    char byte = 0;
    CHECK(f.read(&byte, 1) == -EINVAL);
    CHECK(f.write(&byte, 1) == -EINVAL);
    CHECK(f.ioctl(1, 0) == -ENOTTY);
    ssize_t error = 0;
    CHECK(host::read_attribute(&dev, "nothing", &error).empty());
    CHECK(error == -EIO);
    CHECK(host::write_attribute(&dev, "nothing", "x") == -EIO);
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        misc_deregister(ctx, &misc);
        device_remove_file(ctx, &dev, &nothing);
    });
}
