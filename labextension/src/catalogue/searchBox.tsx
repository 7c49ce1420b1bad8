import { TranslationBundle } from '@jupyterlab/translation';
import React, { KeyboardEvent, useState } from 'react';

import { CatalogueModel } from './model';

const SUGGESTIONS = 'hdh-catalogue-suggestions';

interface ISearchBoxProps {
  model: CatalogueModel;
  trans: TranslationBundle;
  /** The arrow goes down where there is nothing to suggest. */
  onLeave: () => void;
}

/**
 * The box of words, with suggestions as the combobox pattern of ARIA has them.
 */
export function SearchBox({ model, trans, onLeave }: ISearchBoxProps): React.JSX.Element {
  const [current, setCurrent] = useState(-1);
  const { suggestions } = model;
  const open = suggestions.length > 0;
  const here = open && current < suggestions.length ? current : -1;

  const take = (suggestion: string) => {
    setCurrent(-1);
    void model.take(suggestion);
  };
  const pressed = (event: KeyboardEvent<HTMLInputElement>) => {
    const chosen = suggestions[here];
    if (event.key === 'ArrowDown' && !open) {
      event.preventDefault();
      onLeave();
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      // One place more than suggestions: that of the words as typed.
      setCurrent(((here + 1 + step + suggestions.length + 1) % (suggestions.length + 1)) - 1);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (chosen === undefined) {
        void model.search();
      } else {
        take(chosen);
      }
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      setCurrent(-1);
      model.forgetSuggestions();
    }
  };

  return (
    <div className="hdh-SearchBox">
      <input
        type="search"
        className="hdh-Input"
        value={model.query}
        maxLength={200}
        placeholder={trans.__('Search: emergency visits, BEN_SEX_COD…')}
        aria-label={trans.__('Search the catalogue')}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={SUGGESTIONS}
        aria-activedescendant={here >= 0 ? `${SUGGESTIONS}-${here}` : undefined}
        autoComplete="off"
        onChange={event => {
          setCurrent(-1);
          model.type(event.target.value);
        }}
        onKeyDown={pressed}
        onBlur={() => model.forgetSuggestions()}
      />
      <ul
        id={SUGGESTIONS}
        className="hdh-Suggestions"
        role="listbox"
        aria-label={trans.__('Suggestions')}
        hidden={!open}
      >
        {suggestions.map((suggestion, index) => (
          // The keys are the box's own, by aria-activedescendant.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={suggestion}
            id={`${SUGGESTIONS}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === here}
            // The box keeps the focus.
            onMouseDown={event => event.preventDefault()}
            onClick={() => take(suggestion)}
          >
            {suggestion}
          </li>
        ))}
      </ul>
    </div>
  );
}
