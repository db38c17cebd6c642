import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/panels.css';
import './styles/detection.css';
import { App } from './components/app.js';
import { connect } from './connection.js';
import { startTheme } from './model/theme.js';

const root = document.getElementById('app');
if (root !== null) {
  startTheme();
  render(<App />, root);
  connect();
}
