import { connect } from "node:net";

/** Whether something answers at a socket. */
export async function answers(socketPath: string): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect(socketPath);
        socket.on("connect", () => {
            socket.destroy();
            resolve(true);
        });
        socket.on("error", () => {
            resolve(false);
        });
    });
}

/** The environment without an SSH agent that is gone: the Command provider fails on one, even where a key is given. */
export async function withoutDeadAgent(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
    const { SSH_AUTH_SOCK: agent, ...others } = env;
    return agent === undefined || (agent !== "" && (await answers(agent))) ? env : others;
}
