// Formulas are set a few at a time, from the top: in between the reader can scroll and click.
window.MathJax.startup = {
  pageReady: async () => {
    const formulas = [...document.querySelectorAll(".math")];
    while (formulas.length) {
      await new Promise((resolve) => setTimeout(resolve));
      await MathJax.typesetPromise(formulas.splice(0, 5));
    }
  },
};
