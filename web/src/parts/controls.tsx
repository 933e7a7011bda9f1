// Controls with the keyboard behaviour that people expect of them (WAI-ARIA patterns), in our look.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon';

export type Choice<T> = readonly [value: T, label: string, disabled?: boolean];

/** A segmented switch: radio buttons side by side. */
export function Segmented<T extends string>({ label, value, choices, onChange }: { label: string; value: T; choices: Choice<T>[]; onChange(value: T): void }) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const usable = choices.filter(([, , disabled]) => !disabled);
    const at = usable.findIndex(([each]) => each === value);
    onChange(usable[(at + step + usable.length) % usable.length][0]);
    const list = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-checked=true]')?.focus());
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="segmented" role="radiogroup" aria-label={label} onKeyDown={move}>
      {choices.map(([each, text, disabled]) => (
        <button key={each} role="radio" aria-checked={each === value} tabIndex={each === value ? 0 : -1} disabled={disabled} onClick={() => onChange(each)}>{text}</button>
      ))}
    </div>
  );
}

/** A quiet button that opens a list of choices: "context hot loops ⌄". */
export function Select<T extends string | number>({ label, value, choices, onChange, align = 'left', box = false }:
  { label: string; value: T; choices: Choice<T>[]; onChange(value: T): void; align?: 'left' | 'right'; box?: boolean }) {
  const current = choices.find(([each]) => each === value)?.[1] ?? String(value);
  return (
    <Menu label={<>{label && <span class="dim">{label}</span>} <b>{current}</b></>} name={`${label} ${current}`} align={align} box={box}>
      {(close) => choices.map(([each, text, disabled]) => (
        <button key={each} role="menuitemradio" aria-checked={each === value} tabIndex={-1} disabled={disabled} onClick={() => { onChange(each); close(); }}>
          <span class="menu-check">{each === value && <Icon name="check" />}</span>{text}
        </button>
      ))}
    </Menu>
  );
}

export function Menu({ label, name, align = 'left', box = false, children }:
  { label: ComponentChildren; name: string; align?: 'left' | 'right'; box?: boolean; children(close: () => void): ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => { setOpen(false); root.current?.querySelector('button')?.focus(); };
  useEffect(() => {
    if (!open) return;
    const items = () => [...root.current!.querySelectorAll<HTMLElement>('[role^=menuitem]:not([disabled])')];
    (items().find((item) => item.getAttribute('aria-checked') === 'true') ?? items()[0])?.focus();
    const outside = (event: Event) => { if (!root.current?.contains(event.target as Node)) setOpen(false); };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => { document.removeEventListener('pointerdown', outside); document.removeEventListener('focusin', outside); };
  }, [open]);
  const keys = (event: KeyboardEvent) => {
    if (!open) return;
    const items = [...root.current!.querySelectorAll<HTMLElement>('[role^=menuitem]:not([disabled])')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[to % items.length]?.focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab') { setOpen(false); return; }
    else if (event.key.length === 1 && event.key !== ' ') {
      const found = items.find((item, i) => i > at && item.textContent!.trim().toLowerCase().startsWith(event.key)) ?? items.find((item) => item.textContent!.trim().toLowerCase().startsWith(event.key));
      found?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu-root" ref={root} onKeyDown={keys}>
      <button class={box ? 'button' : 'select'} aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} aria-label={name} onClick={() => setOpen(!open)}>
        {label}<Icon name="down" />
      </button>
      {open && <div class={`menu ${align}`} role="menu" id={id} aria-label={name}>{children(close)}</div>}
    </div>
  );
}

export const MenuItem = ({ onClick, children, checked, keys }: { onClick(): void; children: ComponentChildren; checked?: boolean; keys?: string }) => (
  <button role={checked === undefined ? 'menuitem' : 'menuitemcheckbox'} aria-checked={checked} tabIndex={-1} onClick={onClick}>
    {checked !== undefined && <span class="menu-check">{checked && <Icon name="check" />}</span>}{children}{keys && <kbd>{keys}</kbd>}
  </button>
);

export const IconButton = ({ icon, label, onClick, pressed }: { icon: IconName; label: string; onClick(): void; pressed?: boolean }) => (
  <button class="icon-button" aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}><Icon name={icon} /></button>
);

/** A dialog in the middle of the page. Focus stays inside and returns to where it was. */
export function Dialog({ title, wide = false, onClose, children }: { title: string; wide?: boolean; onClose(): void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    box.current!.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={box} class={`dialog ${wide ? 'wide' : ''}`} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === box.current) onClose(); }}>
      <div class="dialog-body">
        <header><h2 id={id}>{title}</h2><IconButton icon="close" label="Close" onClick={onClose} /></header>
        {children}
      </div>
    </dialog>
  );
}
