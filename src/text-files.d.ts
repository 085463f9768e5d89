/** Shell scripts are files of their own; the bundler embeds their text. */
declare module "*.sh" {
  const text: string;
  export default text;
}

/** Manifests of `deploy/`, as text like the scripts. */
declare module "*.yaml" {
  const text: string;
  export default text;
}
