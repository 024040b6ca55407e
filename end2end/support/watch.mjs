// What a page must not do while it is open: request other hosts, log errors, violate its policy.

/** Records the problems of a context's pages; `problems` returns them and empties the list. */
export const watch = (context, origin) => {
  let seen = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== origin) seen.push(`requests ${url.origin}${url.pathname}`);
  });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => seen.push(`exception: ${error.error().message}`));
  return {
    problems: () => {
      const all = seen;
      seen = [];
      return all;
    },
  };
};
