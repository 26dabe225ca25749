package io.sampo.actors.schedule;

/** The index of due times can't be read or written; it is made anew from the log. */
final class DueIndexException extends RuntimeException {
  DueIndexException(String message, Throwable cause) {
    super(message, cause);
  }
}
