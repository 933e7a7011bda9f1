// The tags that tables and labels are made of.
import type { ComponentChildren } from 'preact';

interface Props { children?: ComponentChildren; [name: string]: unknown }

export const Cell = (props: Props) => <span role="gridcell" {...props} />;
export const Head = (props: Props) => <span role="columnheader" {...props} />;
export const Dim = ({ children }: Props) => <span class="dim">{children}</span>;
/** For screen readers alone. */
export const Unseen = ({ children }: Props) => <span class="offscreen">{children}</span>;
