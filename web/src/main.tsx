import { render } from 'preact';
import './styles/index.css';
import './state/settings';
import { start } from './state/open';
import { App } from './views/shell';

function main(): void {
  let root = document.getElementById('app');
  if (!root) {
    root = document.createElement('div');
    root.id = 'app';
    document.body.prepend(root);
  }
  render(<App />, root);
  void start();
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', main);
else main();
