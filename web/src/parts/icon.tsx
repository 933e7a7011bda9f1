const paths = {
  search: ['M11.25 7a4.25 4.25 0 1 1-8.5 0 4.25 4.25 0 0 1 8.5 0Z', 'm10.2 10.2 3.3 3.3'],
  down: ['m4 6 4 4 4-4'], right: ['m6 4 4 4-4 4'],
  theme: ['M13.25 8A5.25 5.25 0 1 1 2.75 8a5.25 5.25 0 0 1 10.5 0Z', 'M8 2.75v10.5M10 3.2v9.6M12 4.7v6.6'],
  settings: ['M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6', 'M11.6 4.5a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0ZM7.6 11.5a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0Z'],
  help: ['M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.9v.1', 'M13.75 8A5.75 5.75 0 1 1 2.25 8a5.75 5.75 0 0 1 11.5 0Z'],
  leak: ['m2.5 11.5 3.5-4 2.5 2 4.5-5.5', 'M9.5 4H13v3.5'],
  open: ['M9 3h4v4M13 3 7.5 8.5M11.5 9.5v3a.5.5 0 0 1-.5.5H3.5a.5.5 0 0 1-.5-.5V5a.5.5 0 0 1 .5-.5h3'],
  copy: ['M7 5.5h4.5A1.5 1.5 0 0 1 13 7v4.5a1.5 1.5 0 0 1-1.5 1.5H7a1.5 1.5 0 0 1-1.5-1.5V7A1.5 1.5 0 0 1 7 5.5Z', 'M3 10.5v-6A1.5 1.5 0 0 1 4.5 3h6'],
  proposal: ['M8 2.5 9.4 6.6 13.5 8 9.4 9.4 8 13.5 6.6 9.4 2.5 8l4.1-1.4z'],
  warning: ['M8 3 14 13H2z', 'M8 7v2.5M8 11.2v.1'],
  close: ['m4.5 4.5 7 7M11.5 4.5l-7 7'], check: ['m3.5 8.5 3 3 6-7'],
  gpu: ['M4.5 4.5h7A1.5 1.5 0 0 1 13 6v4a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 10V6a1.5 1.5 0 0 1 1.5-1.5Z', 'M5.5 11.5v2M8 11.5v2M10.5 11.5v2'],
  up: ['m4 10 4-4 4 4'],
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, class: extra = '' }: { name: IconName; class?: string }) {
  return (
    <svg class={`i ${extra}`} viewBox="0 0 16 16" aria-hidden="true">
      {paths[name].map((d) => <path key={d} d={d} />)}
    </svg>
  );
}

export const Logo = () => (
  <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
    <path class="logo-python" d="M3 3h14v4H3z" /><path class="logo-native" d="M3 8h10v4H3z" /><path class="logo-hot" d="M3 13h6v4H3z" />
  </svg>
);
