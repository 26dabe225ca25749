package io.sampo.routing.request;

import io.sampo.wire.RequestCode;

/**
 * Which node carries out a request that arrived at a log group's port: the one table of it.
 *
 * <ul>
 *   <li>{@link #LEADER}: what needs the log group's queues, log or parts, and so everything that
 *       brings or gets bodies. It is relayed to the node that leads the log group.
 *   <li>{@link #THIS_NODE}: all else. What is bound to the connection, because the node where the
 *       client is connected tells the client things later: heartbeats, leaving, and with them who
 *       produces. What consumer groups answer, wherever they are led: members, locks, commits,
 *       acknowledgements. What the copy of the catalog answers, and what no node knows.
 * </ul>
 *
 * A request that waits for messages may take much longer than others. When a leader's node went
 * away with a request, {@link Again} says whether the next leader is sent it.
 */
enum CarriedOutBy {
  THIS_NODE(false, Again.NEVER),
  LEADER(false, Again.NEVER),
  LEADER_NOTICING(false, Again.IF_NOTICED),
  LEADER_REPEATABLE(false, Again.ALWAYS),
  LEADER_WAITING_REPEATABLE(true, Again.ALWAYS);

  /** Whether a request is sent again that may have been carried out. */
  enum Again {
    NEVER,
    /** The next leader is told, and carries it out unless it couldn't tell that it was done. */
    IF_NOTICED,
    /** It changes nothing, or the same when it is done twice. */
    ALWAYS
  }

  private final boolean waits;
  private final Again again;

  CarriedOutBy(boolean waits, Again again) {
    this.waits = waits;
    this.again = again;
  }

  boolean isLeader() {
    return this != THIS_NODE;
  }

  boolean waits() {
    return waits;
  }

  Again again() {
    return again;
  }

  static CarriedOutBy of(int code) {
    return switch (code) {
      case RequestCode.PULL_MESSAGE,
          RequestCode.LITE_PULL_MESSAGE,
          RequestCode.NOTIFICATION,
          RequestCode.POP_MESSAGE -> // what a lost answer held comes again when its time is over
          LEADER_WAITING_REPEATABLE;
      case RequestCode.QUERY_CONSUMER_OFFSET, // where a group starts depends on the queue
          RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
          RequestCode.GET_MAX_OFFSET,
          RequestCode.GET_MIN_OFFSET,
          RequestCode.GET_EARLIEST_MSG_STORETIME,
          RequestCode.QUERY_MESSAGE,
          RequestCode.VIEW_MESSAGE_BY_ID,
          RequestCode.GET_BROKER_RUNTIME_INFO,
          RequestCode.GET_TOPIC_STATS_INFO,
          RequestCode.GET_CONSUME_STATS,
          RequestCode.INVOKE_BROKER_TO_RESET_OFFSET ->
          LEADER_REPEATABLE;
      case RequestCode.SEND_MESSAGE, RequestCode.SEND_MESSAGE_V2, RequestCode.SEND_BATCH_MESSAGE ->
          LEADER_NOTICING;
      case RequestCode.CONSUMER_SEND_MSG_BACK,
          RequestCode.END_TRANSACTION,
          RequestCode.RESUME_CHECK_HALF_MESSAGE,
          RequestCode.RECALL_MESSAGE,
          RequestCode.CONSUME_MESSAGE_DIRECTLY -> // it reads the record first
          LEADER;
      default -> THIS_NODE;
    };
  }
}
