import React, { KeyboardEvent } from 'react';

interface ITabsProps<T extends string> {
  /** Begins the ids of tabs and panels. */
  id: string;
  label: string;
  tabs: readonly (readonly [T, string])[];
  current: T;
  onShow: (tab: T) => void;
}

/**
 * Tabs by the pattern of ARIA: the arrows go from one to the next, and the panel follows.
 */
export function Tabs<T extends string>({ id, label, tabs, current, onShow }: ITabsProps<T>): React.JSX.Element {
  const pressed = (event: KeyboardEvent<HTMLButtonElement>) => {
    const here = tabs.findIndex(([tab]) => tab === current);
    const there = {
      ArrowRight: (here + 1) % tabs.length,
      ArrowLeft: (here + tabs.length - 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1
    }[event.key];
    const next = there === undefined ? undefined : tabs[there];
    if (next) {
      event.preventDefault();
      onShow(next[0]);
      event.currentTarget.parentElement?.querySelector<HTMLElement>(`#${CSS.escape(`${id}-tab-${next[0]}`)}`)?.focus();
    }
  };
  return (
    <div className="hdh-Tabs" role="tablist" aria-label={label}>
      {tabs.map(([tab, text]) => (
        <button
          type="button"
          role="tab"
          key={tab}
          id={`${id}-tab-${tab}`}
          aria-controls={`${id}-panel`}
          aria-selected={tab === current}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => onShow(tab)}
          onKeyDown={pressed}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
