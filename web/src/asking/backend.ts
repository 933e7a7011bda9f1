// What the drawer needs of whoever asks for it: the process that serves the page (served.ts), or the page itself (direct.ts).
export interface Service {
  id: string;
  name: string;
  host: string; // where the prompt goes
  ready: boolean; // it can be asked now
  lists: boolean; // it has a list of its models
  key: string; // the setting that holds its key; '' : it takes none
  address: string; // the setting that is missing for its address; '' : none
}
export interface Services { services: Service[]; chosen: string; model: string; check: string } // check: the user's own test command

export interface Question { service: Service; model: string; prompt: string; file: number; start: number; end: number; source: string[]; fileName: string }

/** What an answer amounts to: a diff of the file, or a sentence why it is none; `id` names it to `apply`. */
export interface Proposal { id: number; diff: string; problem: string }
export type Heard = { text: string } | { error: string } | Proposal;

/** What a check says as it goes on, and at its end. */
export type Checked = { output: string } | { check: string; ok: boolean };

export interface Applied { backup: string; commands: string[] }

export interface Backend {
  services(): Promise<Services>;
  /** Names to choose from; `anew`: not those that were kept. */
  models(service: Service, anew: boolean): Promise<string[]>;
  /** Takes a key for as long as the backend lives. `problem`: it could not be remembered for longer. */
  key(service: Service, key: string, remember: boolean): Promise<{ ready: boolean; problem: string }>;
  ask(question: Question, signal: AbortSignal): AsyncIterable<Heard>;
  /** Only where there is a process that can. */
  apply?(proposal: Proposal): Promise<Applied>;
  /** Compiles it; once it is applied, runs the user's own tests. */
  check?(proposal: Proposal, signal: AbortSignal): AsyncIterable<Checked>;
}
