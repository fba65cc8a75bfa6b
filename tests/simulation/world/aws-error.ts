/** What AWS's client puts on an error beside its name. */
interface AwsAnswer {
  /** The HTTP status; none where there was no answer. */
  readonly status?: number;
}

/** An error as AWS's client throws it: told apart by its name. Without a status no answer came. */
export function awsError(name: string, { status }: AwsAnswer, message = name): Error {
  const error = new Error(message);
  error.name = name;
  return status === undefined
    ? error
    : Object.assign(error, {
        $fault: status >= 500 ? 'server' : 'client',
        $metadata: { httpStatusCode: status, requestId: 'simulated', attempts: 1 },
      });
}
