/** True for addresses that never leave this machine: nobody listens on the way, and no proxy leads there. */
export function isLoopback({ hostname }: URL): boolean {
  return (
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname) ||
    /^(.+\.)?localhost$/.test(hostname)
  );
}
