/** As `src/dashboard/commands.ts` takes names. */
const MAX_CHARACTERS = 80;

/** One line to type in, called `name`; told what was typed, or `''`. */
export function LineForm({
  name,
  hint,
  onText,
}: {
  readonly name: string;
  readonly hint: string;
  readonly onText: (text: string) => void;
}) {
  return (
    <form
      class="line-form"
      onSubmit={(event) => {
        event.preventDefault();
        onText(String(new FormData(event.currentTarget).get('text') ?? '').trim());
      }}
    >
      <input name="text" aria-label={name} placeholder={`${name} ${hint}`} maxLength={MAX_CHARACTERS} />
      <button type="submit" class="plain">
        Keep
      </button>
    </form>
  );
}
