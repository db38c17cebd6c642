import { notice } from '../model/commands.js';

/** What became of the last command, where that is not plain to see. */
export function Notice() {
  return (
    <p class="notice" role="status" data-shown={notice.value !== null}>
      {notice.value}
    </p>
  );
}
