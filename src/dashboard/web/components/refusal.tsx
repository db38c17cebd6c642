import { type Refused, refusalText } from '../model/refusals.js';

/** Why something was not done, beside where it was asked for; nothing where it was done. */
export function Refusal({ of }: { readonly of: Refused | null }) {
  if (of === null) return null;
  return (
    <p class="small refusal" role="alert">
      {refusalText(of)}
    </p>
  );
}
