export interface TokenRequest {
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  /** Seconds. */
  readonly expires_in?: number;
  readonly note?: string;
}

export interface UserModel {
  readonly name: string;
  readonly last_activity: string | null;
  readonly servers: Record<
    string,
    {
      readonly ready: boolean;
      readonly pending: string | null;
      readonly url: string;
      readonly last_activity: string | null;
      readonly state?: { readonly pid?: number };
    }
  >;
}

export interface ApiAnswer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** The calls of JupyterHub's REST API that the tests need. */
export class HubApi {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  user(name: string): Promise<UserModel> {
    return this.#expect("GET", `/users/${encodeURIComponent(name)}`);
  }

  async startServer(user: string, name: string, options: unknown): Promise<void> {
    await this.#expect("POST", serverPath(user, name), options);
  }

  async stopServer(user: string, name: string): Promise<void> {
    await this.#expect("DELETE", serverPath(user, name));
  }

  createToken(user: string, request: TokenRequest): Promise<{ token: string; id: string }> {
    return this.#expect("POST", `/users/${encodeURIComponent(user)}/tokens`, request);
  }

  async deleteToken(user: string, id: string): Promise<void> {
    await this.#expect("DELETE", `/users/${encodeURIComponent(user)}/tokens/${id}`);
  }

  /** Lets a user or a group into a server (since 5.0). */
  async share(owner: string, server: string, recipient: { user: string } | { group: string }): Promise<void> {
    const scopes = [`access:servers!server=${owner}/${server}`];
    await this.#expect("POST", sharesPath(owner, server), { ...recipient, scopes });
  }

  async unshare(owner: string, server: string): Promise<void> {
    await this.#expect("DELETE", sharesPath(owner, server));
  }

  async group(name: string, users: readonly string[]): Promise<void> {
    await this.#expect("POST", `/groups/${name}`);
    await this.#expect("POST", `/groups/${name}/users`, { users });
  }

  /** Any call, with any token; says what came of it. */
  async call<Body>(
    method: string,
    path: string,
    { body, token = this.#token }: { body?: unknown; token?: string } = {},
  ): Promise<ApiAnswer<Body>> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { authorization: `token ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as Body };
  }

  async #expect<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.call<Body>(method, path, { body });
    if (answer.status >= 400)
      throw new Error(`the hub answered ${answer.status} to ${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

function serverPath(user: string, name: string): string {
  const path = `/users/${encodeURIComponent(user)}`;
  return name === "" ? `${path}/server` : `${path}/servers/${encodeURIComponent(name)}`;
}

function sharesPath(owner: string, server: string): string {
  return `/shares/${encodeURIComponent(owner)}/${encodeURIComponent(server)}`;
}
