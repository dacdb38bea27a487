/** Where the API of Kubernetes answers, unless it is said otherwise. */
export const API_PORT = 6443;
