package io.sampo.actors.filter;

/** A filter expression that can't be used; the message goes to the client. */
public final class BadFilterException extends Exception {
  public BadFilterException(String message) {
    super(message);
  }
}
