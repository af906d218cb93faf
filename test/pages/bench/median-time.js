/** How long `act` takes, in milliseconds: the median of batches. A classic script, for workers and pages alike. */
self.medianTime = async (act) => {
  const times = [];
  while (times.length < 11) {
    const begin = performance.now();
    for (let i = 0; i < 10; i++) await act();
    times.push((performance.now() - begin) / 10);
  }
  return times.sort((a, b) => a - b)[5];
};
