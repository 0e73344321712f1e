// D3 comes wrapped for an AMD loader: give it the two names that it looks for, and let it fill window.d3.
window.require = { defined: () => false };
window.define = (name, needed, make) => make((window.d3 = {}));
