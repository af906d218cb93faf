/**
 * The work that every peer's other end does: it sends back what it gets. Arrays of 8-byte elements stand for data
 * that is handed over, there and back; everything else is copied. A classic script, for workers and pages alike.
 */
self.transferOf = (data) => (data instanceof Float64Array ? [data.buffer] : undefined);

/** The echo as a function that is called from afar: `wrap` says what is handed over. */
self.echoBy = (wrap) => (data) => {
  const transfer = transferOf(data);
  return transfer ? wrap(data, transfer) : data;
};
