// Lists the operations of openapi.json with their fields.

const METHODS = ["get", "post", "put", "delete"];
const byId = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const response = await fetch("openapi.json");
const api = await response.json();

/** Text with its `code` set as code. */
function prose(text) {
  return text.split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part));
}

/** Follows a reference such as #/components/schemas/Problem. */
function resolved(thing) {
  if (!thing?.$ref) return thing ?? {};
  return thing.$ref.split("/").slice(1).reduce((node, key) => node[key], api);
}

const nameOf = (thing) => thing?.$ref?.split("/").pop();

function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return nameOf(schema);
  const choices = schema.oneOf || schema.anyOf;
  if (choices) return choices.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  const types = [schema.type].flat().map((type) =>
    type === "array" ? `${typeOf(schema.items)}[]` : type,
  );
  return types.join(" | ");
}

function aboutOf(field) {
  const choices = [field, ...(field.oneOf || []), ...(field.anyOf || [])];
  const described = choices.find((choice) => choice.description);
  return (described || resolved(choices.at(-1))).description || "";
}

/** The fields of a schema, those of its parts included. */
function fieldsOf(schema) {
  const target = resolved(schema);
  const parts = (target.allOf || []).flatMap(fieldsOf);
  const own = Object.entries(target.properties || {}).map(([name, field]) => ({
    name,
    type: typeOf(field),
    about: aboutOf(field),
    required: (target.required || []).includes(name),
  }));
  return [...parts, ...own];
}

function fieldTable(fields) {
  if (!fields.length) return null;
  const rows = fields.map((field) =>
    make(
      "tr",
      {},
      make("td", {}, make("code", {}, field.name),
        field.required ? make("span", { class: "required" }, "required") : null),
      make("td", { class: "type" }, make("code", {}, field.type)),
      make("td", {}, ...prose(field.about)),
    ),
  );
  return make("table", {}, make("tbody", {}, ...rows));
}

function schemaBlock(schema) {
  const choices = resolved(schema).oneOf || [schema];
  return choices.flatMap((choice) => [
    nameOf(choice) ? make("p", {}, make("code", {}, nameOf(choice))) : null,
    fieldTable(fieldsOf(choice)),
  ]);
}

function contentBlocks(content = {}) {
  return Object.entries(content).flatMap(([mediaType, body]) => [
    make("p", {}, make("code", {}, mediaType)),
    ...schemaBlock(body.schema),
  ]);
}

function parameterTable(parameters = []) {
  return fieldTable(
    parameters.map((parameter) => ({
      name: parameter.name,
      type: `${typeOf(parameter.schema)} in ${parameter.in}`,
      about: parameter.description || "",
      required: parameter.required,
    })),
  );
}

function operationBlock(method, path, operation) {
  const inside = [make("p", {}, ...prose(operation.description || ""))];
  const parameters = parameterTable(operation.parameters);
  if (parameters) inside.push(make("h3", {}, "Parameters"), parameters);
  if (operation.requestBody) {
    inside.push(make("h3", {}, "Request"), ...contentBlocks(operation.requestBody.content));
  }
  const failures = [];
  for (const [status, found] of Object.entries(operation.responses)) {
    if (status >= 400) {
      const link = make("a", { href: `#problem-${nameOf(found)}` }, `${status} ${nameOf(found)}`);
      failures.push(link, " ");
      continue;
    }
    const body = resolved(found);
    inside.push(make("h3", {}, `${status} ${body.description}`), ...contentBlocks(body.content));
  }
  if (failures.length) inside.push(make("h3", {}, "Errors"), make("p", {}, ...failures));
  const summary = make(
    "summary",
    {},
    make("span", { class: "method" }, method.toUpperCase()),
    make("span", { class: "path" }, path),
    make("span", { class: "does" }, operation.summary || ""),
  );
  const block = make("div", { class: "inside" }, ...inside.filter(Boolean));
  return make("details", { id: operation.operationId }, summary, block);
}

function allOperations() {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => [method, path, item[method]]),
  );
}

function show() {
  byId("title").textContent = `${api.info.title} API ${api.info.version}`;
  byId("about").textContent = api.info.description;
  const operations = allOperations();
  for (const tag of [...api.tags, { name: "problems", description: "What errors mean" }]) {
    const section = make("section", { id: tag.name });
    section.append(make("h2", {}, tag.name), make("p", {}, tag.description || ""));
    for (const [method, path, operation] of operations) {
      if (operation.tags?.includes(tag.name)) section.append(operationBlock(method, path, operation));
    }
    byId("operations").append(section);
    byId("contents").append(make("a", { href: `#${tag.name}` }, tag.name));
  }
  showProblems(byId("problems"));
  openNamed();
}

function showProblems(section) {
  for (const [code, problem] of Object.entries(api.components.responses)) {
    const line = make("p", { id: `problem-${code}` }, make("code", {}, code), ` ${problem.description}`);
    section.append(line);
  }
  const fields = fieldTable(fieldsOf({ $ref: "#/components/schemas/Problem" }));
  if (fields) section.append(fields);
}

function openNamed() {
  const target = byId(location.hash.slice(1));
  if (target?.tagName === "DETAILS") target.open = true;
  target?.scrollIntoView();
}

window.addEventListener("hashchange", openNamed);
show();
