package io.sampo.client;

/** The topic has no queues that could be used: it doesn't exist, or nobody may send to it. */
public final class NoRouteException extends ClientException {
  public NoRouteException(String message) {
    super(message);
  }
}
