/** Texts that a database may take for one another. */
export interface OddTexts {
  /** What they differ in: “only in case”. */
  readonly title: string;
  /** Made from a text that is new; each is another. */
  readonly texts: (fresh: string) => readonly [string, string, ...string[]];
}

const long = "x".repeat(4096);

/** Kinds of text that have to stay apart, as keys and as subjects. */
export const oddTexts: readonly OddTexts[] = [
  { title: "at the end of 4 kB", texts: (t) => [`${t}${long}a`, `${t}${long}b`, `${t}${long}`] },
  { title: "only in case", texts: (t) => [`${t} key É`, `${t} KEY É`, `${t} key é`] },
  {
    title: "only in white space",
    texts: (t) => [t, `${t} `, `${t}  `, ` ${t}`, `${t}\t`, `${t}\n`, `${t}\r\n`, `${t}\u00a0`],
  },
  {
    title: "only in their Unicode normalisation",
    texts: (t) => [`${t} é ﬁ`, `${t} e\u0301 ﬁ`, `${t} é fi`, `${t} e\u0301 fi`],
  },
  {
    title: "only in letters of other scripts, or in emoji",
    texts: (t) => [`${t} ключ`, `${t} клич`, `${t} 鍵`, `${t} 😀`, `${t} 😁`, `${t} ????`],
  },
  { title: "only after a NUL", texts: (t) => [t, `${t}\0`, `${t}\0a`, `${t}\0b`, `\0${t}`] },
  {
    title: "only in other control characters or what is invisible",
    texts: (t) => [t, `${t}\u0001`, `${t}\u007f`, `${t}\u200b`, `${t}\ufeff`, `${t}\u00ad`],
  },
  {
    title: "only in lone surrogates",
    texts: (t) => [`${t}\ud800`, `${t}\ud801`, `${t}\udc00`, `${t}\ufffd`, `${t}\ud800\ud800`],
  },
  {
    title: "only in what patterns and commands are made of",
    texts: (t) => [
      ...([`${t}%`, `${t}_`, `${t}*`, `${t}?`, `${t}:`, `${t}{}`, `${t}'`, `${t}"`] as const),
      ...[`${t}''`, `${t}\\`, `${t}\\\\`, `${t}'; --`, `${t}%00`, `${t}\\u0000`, `${t}=`, `${t}/`],
    ],
  },
  {
    title: "only in how a number is written",
    texts: (t) => {
      const digits = `1${t.replace(/\D/g, "").slice(0, 9)}`;
      return [digits, `0${digits}`, `${digits}.0`, `+${digits}`, `-${digits}`, `${digits}e0`];
    },
  },
];

/** Texts that are nothing, or something else, to careless code. */
export const namedTexts: readonly (readonly [title: string, text: string])[] = [
  ["empty text", ""],
  ["the text __proto__", "__proto__"],
  ["the text constructor", "constructor"],
];
