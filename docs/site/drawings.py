# SPDX-License-Identifier: BSL-1.0
"""The site's own drawings, as SVG in the colours of the page."""

from html import escape


def svg(width, height, title, body):
    return (f'<svg class="kctx-drawing" role="img" viewBox="0 0 {width} {height}" '
            f'style="max-width:{width}px"><title>{escape(title)}</title>'
            '<defs><marker id="kctx-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" '
            f'fill="currentColor"/></marker></defs>{"".join(body)}</svg>')


def box(x, y, w, h, title, lines=(), kind=""):
    out = [f'<rect class="kctx-box {kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>',
           f'<text x="{x + w / 2}" y="{y + 20}" text-anchor="middle" font-weight="bold">{escape(title)}</text>']
    out += [f'<text x="{x + w / 2}" y="{y + 38 + 16 * i}" text-anchor="middle" font-size="12">'
            f'{escape(line)}</text>' for i, line in enumerate(lines)]
    return "".join(out)


def arrow(x1, y1, x2, y2, text="", dy=-6, anchor="middle"):
    label = (f'<text x="{(x1 + x2) / 2}" y="{(y1 + y2) / 2 + dy}" text-anchor="{anchor}" font-size="12">'
             f'{escape(text)}</text>') if text else ""
    return (f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor" '
            f'marker-end="url(#kctx-arrow)"/>{label}')


def levels(_):
    """The four levels: who allows what, and what needs it."""
    rows = [("sleep", "ProcessCtx, WorkCtx, ThreadedIrqCtx; a mutex held", "mutex_lock(), msleep(), GFP_KERNEL"),
            ("config", "IrqCtx, SoftirqCtx, TimerCtx; a spinlock_t held", "spin_lock(), kmalloc(GFP_ATOMIC), kfree()"),
            ("spin", "HardIrqCtx, IdleCtx; a raw_spinlock_t held, irqs off", "raw_spin_lock(), complete(), mod_timer()"),
            ("free", "NmiCtx", "printk(), irq_work_queue(), atomic_inc()")]
    body = ['<text x="290" y="18" text-anchor="middle" font-size="13">allowed by</text>',
            '<text x="600" y="18" text-anchor="middle" font-size="13">needed by</text>']
    for i, (name, allows, needs) in enumerate(rows):
        y = 28 + i * 58
        body.append(f'<rect class="kctx-box kctx-level-{name}" x="4" y="{y}" width="752" height="48" rx="6"/>')
        body.append(f'<text x="20" y="{y + 30}" font-weight="bold">{name}</text>')
        body.append(f'<text x="290" y="{y + 29}" text-anchor="middle" font-size="12">{escape(allows)}</text>')
        body.append(f'<text x="600" y="{y + 29}" text-anchor="middle" font-size="12">{escape(needs)}</text>')
    return svg(760, 264, "The levels: a call is legal where its level is no higher than the context's", body)


def interruptions(_):
    """Which context comes in the middle of which."""
    body = [box(10, 60, 160, 64, "task", ["ProcessCtx, SyscallCtx,", "WorkCtx, KthreadCtx"], "kctx-level-sleep"),
            box(230, 60, 150, 64, "softirq", ["TimerCtx, TaskletCtx,", "NapiCtx"], "kctx-level-config"),
            box(440, 60, 150, 64, "hard irq", ["IrqCtx, HardIrqCtx,", "SmpCallCtx"], "kctx-level-spin"),
            box(650, 60, 100, 64, "NMI", ["NmiCtx"], "kctx-level-free"),
            arrow(170, 92, 228, 92), arrow(380, 92, 438, 92), arrow(590, 92, 648, 92),
            '<path d="M90 60C90 10 515 10 515 58" fill="none" stroke="currentColor" marker-end="url(#kctx-arrow)"/>',
            '<text x="300" y="18" text-anchor="middle" font-size="12">interrupts: each may come in the middle of what is left of it</text>',
            '<path d="M515 124C515 190 90 190 90 126" fill="none" stroke="currentColor" stroke-dasharray="5 4" marker-end="url(#kctx-arrow)"/>',
            '<text x="300" y="194" text-anchor="middle" font-size="12">PREEMPT_RT: an IrqCtx runs in a thread, and so do softirqs</text>']
    return svg(760, 206, "Which context interrupts which", body)


def section_states(_):
    """A token through a section."""
    body = [box(10, 40, 170, 60, "ctx: IrqCtx", ["allows config"], "kctx-level-config"),
            box(340, 40, 290, 60, "ctx: RawSpinLocked<l, IrqCtx>", ["allows spin; ctx of outside is hidden"], "kctx-level-spin"),
            arrow(180, 56, 338, 56, "raw_spin_lock(ctx, &l)"), arrow(340, 88, 182, 88, "raw_spin_unlock(in, &l)", 16),
            '<path d="M630 56C700 40 700 104 632 88" fill="none" stroke="currentColor" marker-end="url(#kctx-arrow)"/>',
            '<text x="690" y="68" font-size="12">the same lock:</text><text x="690" y="86" font-size="12">lock-taken-twice</text>']
    return svg(790, 130, "A section gives a token of its own and takes it back", body)
