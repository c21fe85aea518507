// Outputs and metrics of a Node script: prints messages that Kestrel reads.

const send = (message) => console.log("::" + JSON.stringify(message) + "::");

const metric = (name, type, value, tags) =>
  send({ metrics: [{ name, type, value, tags: tags || {} }] });

module.exports = {
  outputs: (outputs) => send({ outputs }),
  counter: (name, value, tags) => metric(name, "counter", value, tags),
  gauge: (name, value, tags) => metric(name, "gauge", value, tags),
  // A number of seconds, or a function that calls back when it is done.
  timer: (name, duration, tags) => {
    if (typeof duration !== "function") {
      metric(name, "timer", duration, tags);
      return;
    }
    const began = Date.now();
    duration(() => metric(name, "timer", (Date.now() - began) / 1000, tags));
  },
};
