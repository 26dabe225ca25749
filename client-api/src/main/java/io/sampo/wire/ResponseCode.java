package io.sampo.wire;

/** How a command ended, as numbers; each with what official clients make of it. */
public final class ResponseCode {
  /** Done as asked. */
  public static final int SUCCESS = 0;

  /** Failed; clients retry a send on another broker, so not for what a retry can't mend. */
  public static final int SYSTEM_ERROR = 1;

  /** Overloaded; retried by clients from 5.3 on only. */
  public static final int SYSTEM_BUSY = 2;

  /** No such command here. */
  public static final int REQUEST_CODE_NOT_SUPPORTED = 3;

  /** The transaction failed. */
  public static final int TRANSACTION_FAILED = 4;

  /** Stored, but not on disk in time. Counts as sent. */
  public static final int FLUSH_DISK_TIMEOUT = 10;

  /** Stored, but too few replicas are there. Counts as sent. */
  public static final int SLAVE_NOT_AVAILABLE = 11;

  /** Stored, but not by enough replicas in time. Counts as sent. */
  public static final int FLUSH_SLAVE_TIMEOUT = 12;

  /** The message can't be accepted, now or later. */
  public static final int MESSAGE_ILLEGAL = 13;

  /** Not now; every client version retries a send on another broker. */
  public static final int SERVICE_NOT_AVAILABLE = 14;

  /** The client's version is too old for this. */
  public static final int VERSION_NOT_SUPPORTED = 15;

  /** Not allowed. */
  public static final int NO_PERMISSION = 16;

  /** No such topic. */
  public static final int TOPIC_NOT_EXIST = 17;

  /** The topic exists. */
  public static final int TOPIC_EXIST_ALREADY = 18;

  /** No message yet; the client pulls again at once. */
  public static final int PULL_NOT_FOUND = 19;

  /** None matched the filter; the client goes on at the next offset. */
  public static final int PULL_RETRY_IMMEDIATELY = 20;

  /** The offset is outside of the queue; the client goes to the next offset given. */
  public static final int PULL_OFFSET_MOVED = 21;

  /** Nothing stored under that. */
  public static final int QUERY_NOT_FOUND = 22;

  /** The filter expression is wrong. */
  public static final int SUBSCRIPTION_PARSE_FAILED = 23;

  /** The group's subscription isn't known yet. */
  public static final int SUBSCRIPTION_NOT_EXIST = 24;

  /** An older subscription is known. */
  public static final int SUBSCRIPTION_NOT_LATEST = 25;

  /** No such group. */
  public static final int SUBSCRIPTION_GROUP_NOT_EXIST = 26;

  /** Filter data is missing. */
  public static final int FILTER_DATA_NOT_EXIST = 27;

  /** Filter data is old. */
  public static final int FILTER_DATA_NOT_LATEST = 28;

  /** A parameter is out of range; not retried. */
  public static final int INVALID_PARAMETER = 29;

  /** Retried by clients. */
  public static final int NO_BUYER_ID = 204;

  /** Retried by clients. */
  public static final int NOT_IN_CURRENT_UNIT = 205;

  /** No member of the group is connected. */
  public static final int CONSUMER_NOT_ONLINE = 206;

  /** The consumer didn't answer in time. */
  public static final int CONSUME_MSG_TIMEOUT = 207;

  /** The offset is outside of the queue. */
  public static final int NO_MESSAGE = 208;

  /** Too many wait already. */
  public static final int POLLING_FULL = 209;

  /** Nothing came while waiting. */
  public static final int POLLING_TIMEOUT = 210;

  /** No such broker. */
  public static final int BROKER_NOT_EXIST = 211;

  /** The index is behind the log. */
  public static final int BROKER_DISPATCH_NOT_COMPLETE = 212;

  /** The group consumes by broadcast. */
  public static final int BROADCAST_CONSUMPTION = 213;

  /** Slow down. */
  public static final int FLOW_CONTROL = 215;

  /** Another broker leads the queue. */
  public static final int NOT_LEADER_FOR_QUEUE = 501;

  /** Not possible in this state. */
  public static final int ILLEGAL_OPERATION = 604;

  /** Open a new connection; understood by clients above 5.3.1 only. */
  public static final int GO_AWAY = 1500;

  private ResponseCode() {}
}
