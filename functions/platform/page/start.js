// A file of its own: the page's content security policy allows no script inside of it.
window.ui = window.SwaggerUIBundle({
  url: new URL("openapi.json", document.baseURI).href,
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  showExtensions: true,
  tryItOutEnabled: false,
  // A token stays in the page's memory and is gone with it.
  persistAuthorization: false,
  // Nothing is sent to an outside validator.
  validatorUrl: null,
  syntaxHighlight: { activated: true },
});
