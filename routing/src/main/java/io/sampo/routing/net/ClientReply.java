package io.sampo.routing.net;

import org.jspecify.annotations.Nullable;

/** What became of a question to a client. */
public sealed interface ClientReply {
  /**
   * The client answered.
   *
   * @param body the receiver's own, empty for none
   */
  record Answered(int code, @Nullable String remark, byte[] body) implements ClientReply {}

  /** There is no answer, and none will count any more. */
  enum Unanswered implements ClientReply {
    /** The time is over; the client may still have done what it was asked for. */
    TOO_LATE,
    /** The connection closed; as before. */
    CLOSED,
    /** As many questions to this client are under way as may be. It was not asked. */
    TOO_MANY,
    /** The client doesn't take what it got so far. It was not asked. */
    NOT_READING
  }
}
