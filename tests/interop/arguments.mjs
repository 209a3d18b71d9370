// Command lines: --name value pairs, each of them known and, without a default, required.

/** Exits with 2 and a usage line when the command line does not fit. */
export function readArguments(usage, defaults, argv = process.argv.slice(2)) {
  const fail = (problem) => {
    console.error(`${problem}\nusage: ${usage}`);
    process.exit(2);
  };
  const values = { ...defaults };
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '');
    if (!argv[i].startsWith('--') || !(name in defaults)) fail(`unknown argument ${argv[i]}`);
    if (i + 1 >= argv.length) fail(`${argv[i]} needs a value`);
    values[name] = argv[i + 1];
  }
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) fail(`--${name} is missing`);
  }
  return values;
}
