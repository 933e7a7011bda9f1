// What JSX is compiled to; the build puts this before every module.
export { h, Fragment } from 'preact';
