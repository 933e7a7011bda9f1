// Says that a chart shows some threads only, and shows all again.
import type { Profile } from '../model/profile';
import { Icon } from '../parts/icon';
import { Dim } from '../parts/tags';
import { threads } from '../state/store';

export function OnlyThreads({ p }: { p: Profile }) {
  return <button class="select" onClick={() => { threads.value = []; }}><Dim>only</Dim> <b class="clip">{threads.value.map((each) => p.threads[each]?.name ?? each).join(', ')}</b><Icon name="close" /></button>;
}
