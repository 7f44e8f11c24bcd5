/**
 * The page's own script runs behind the opening's picture: what it is made of comes meanwhile, and the processor is the
 * picture's. Where there is no opening it runs at once.
 */
await window.shopcastOpening?.settled;
await import("./watch.mjs");
