package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.group.MessageFinder.FindRefused;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.actors.transaction.TransactionRequests.TransactionRefused;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.ResponseCode;

/**
 * The only table from a refusal to what the client is told; the compiler finds a forgotten one.
 *
 * <p>Three kinds. What passes by itself is SERVICE_NOT_AVAILABLE, because every client version
 * retries a send on it. What a retry can't mend is MESSAGE_ILLEGAL or INVALID_PARAMETER, which the
 * client throws at once. When it is not known whether a message is stored the answer is
 * SYSTEM_ERROR and says so: a synchronous producer sends again, as after a time-out (the same log
 * group recognises that, in another one the message may be there twice), any other caller sees it
 * and decides. FLUSH_DISK_TIMEOUT would say "stored, not flushed" and needs an offset, which nobody
 * can vouch for after a disk failed; and so would FLUSH_SLAVE_TIMEOUT when too few copies confirmed
 * a message for it to be committed, since clients return it as a result that applications take for
 * success.
 */
enum Refusals {
  WINDOW_FULL(ResponseCode.SERVICE_NOT_AVAILABLE, "too many messages are on their way to the log"),
  DISK_FULL(ResponseCode.SERVICE_NOT_AVAILABLE, "the disk is full"),
  LOG_FAILED(
      ResponseCode.SYSTEM_ERROR, "the disk failed; whether the message is stored is unknown"),
  REPLICAS_MISSING(
      ResponseCode.SYSTEM_ERROR,
      "stored, but not confirmed by enough replicas in time; it may be delivered later"),
  TOO_LARGE(ResponseCode.MESSAGE_ILLEGAL, "the message is larger than a log segment takes"),
  NOT_LEADING(ResponseCode.SERVICE_NOT_AVAILABLE, "no leader is known at the moment, try again"),
  GROUP_NOT_LED(
      ResponseCode.SERVICE_NOT_AVAILABLE,
      "no leader of the consumer group is known at the moment, try again"),
  RELAY_FULL(
      ResponseCode.SERVICE_NOT_AVAILABLE, "too many requests wait for the leader of the log group"),
  LEADER_LOST(
      ResponseCode.SYSTEM_ERROR,
      "the leader of the log group went away; whether the request was carried out is unknown"),
  TOO_MANY_DELAYED(
      ResponseCode.SYSTEM_ERROR,
      "as many messages wait for their time as may (sampo.schedule.pending-max)"),
  PULLS_WAITING(ResponseCode.SERVICE_NOT_AVAILABLE, "too many pulls wait for messages"),
  QUERIES_WAITING(ResponseCode.SYSTEM_BUSY, "too many queries wait for their turn"),
  READ_FAILED(ResponseCode.SYSTEM_ERROR, "the log could not be read"),
  MEMBERS(ResponseCode.SYSTEM_ERROR, "the consumer group has as many members as it may have"),
  TOPICS(ResponseCode.SYSTEM_ERROR, "the consumer group has as many topics as it may have"),
  QUEUES(ResponseCode.SYSTEM_ERROR, "the consumer group has offsets for as many queues as it may"),
  GROUP_BUSY(ResponseCode.SERVICE_NOT_AVAILABLE, "too many requests wait for the consumer group"),
  NOT_A_MEMBER(ResponseCode.CONSUMER_NOT_ONLINE, "the client is no member of the consumer group"),
  NEGATIVE_OFFSET(ResponseCode.INVALID_PARAMETER, "an offset is never negative"),
  TRANSACTIONS_PENDING(
      ResponseCode.SERVICE_NOT_AVAILABLE, "as many transactions are undecided as may be"),
  NO_SUCH_HALF(
      ResponseCode.SYSTEM_ERROR,
      "no half message waits for an end there: it has its end already, or never was one"),
  OTHER_PRODUCER_GROUP(
      ResponseCode.SYSTEM_ERROR, "the half message was sent by another producer group"),
  ENDS_ALREADY(ResponseCode.SYSTEM_ERROR, "another end of the half message is being stored"),
  NOT_PARKED(ResponseCode.SYSTEM_ERROR, "no half message is parked there"),
  CATALOG_SILENT(ResponseCode.SERVICE_NOT_AVAILABLE, "the catalog can't be asked at the moment");

  private final int code;
  private final String remark;

  Refusals(int code, String remark) {
    this.code = code;
    this.remark = remark;
  }

  int code() {
    return code;
  }

  String remark() {
    return remark;
  }

  /**
   * The code for a message that is stored for good, though not by every copy that {@code all} asks
   * for. No refusal: the answer has its id and offset, and the client a result with that status.
   */
  static int notOnAll(boolean waited) {
    return waited ? ResponseCode.FLUSH_SLAVE_TIMEOUT : ResponseCode.SLAVE_NOT_AVAILABLE;
  }

  /**
   * Answers a request that was not carried out. One that another leader can carry out is not
   * answered but goes there. One that a leader before may have carried out is told so, whatever
   * this one says of itself.
   */
  void answer(Exchange request) {
    if (this != NOT_LEADING || !(request instanceof LedRequest led) || !led.toNextLeader()) {
      Refusals told = request.mayBeDone() ? LEADER_LOST : this;
      request.answer(told.code, told.remark);
    }
  }

  static Refusals of(AppendRefused refused) {
    return switch (refused) {
      case WINDOW_FULL -> WINDOW_FULL;
      case DISK_FULL -> DISK_FULL;
      case LOG_FAILED -> LOG_FAILED;
      case REPLICAS_MISSING -> REPLICAS_MISSING;
      case TOO_LARGE -> TOO_LARGE;
      case NOT_LEADING -> NOT_LEADING;
      case LEADERSHIP_ENDED -> LEADER_LOST;
    };
  }

  static Refusals of(ReadRefused refused) {
    return switch (refused) {
      case TOO_MANY_WAITING -> PULLS_WAITING;
      case READ_FAILED -> READ_FAILED;
      case NOT_LEADING -> NOT_LEADING;
    };
  }

  static Refusals of(FindRefused refused) {
    return switch (refused) {
      case TOO_MANY_WAITING -> QUERIES_WAITING;
      case READ_FAILED -> READ_FAILED;
      case NOT_LEADING -> NOT_LEADING;
    };
  }

  static Refusals of(TransactionRefused refused) {
    return switch (refused) {
      case TOO_MANY_PENDING -> TRANSACTIONS_PENDING;
      case NO_SUCH_HALF -> NO_SUCH_HALF;
      case OTHER_PRODUCER_GROUP -> OTHER_PRODUCER_GROUP;
      case ENDS_ALREADY -> ENDS_ALREADY;
      case NOT_PARKED -> NOT_PARKED;
      case READ_FAILED -> READ_FAILED;
      case NOT_LEADING -> NOT_LEADING;
    };
  }

  static Refusals of(GroupRefused refused) {
    return switch (refused) {
      case TOO_MANY_MEMBERS -> MEMBERS;
      case TOO_MANY_TOPICS -> TOPICS;
      case TOO_MANY_QUEUES -> QUEUES;
      case TOO_MANY_WAITING -> GROUP_BUSY;
      case NOT_A_MEMBER -> NOT_A_MEMBER;
      case NEGATIVE_OFFSET -> NEGATIVE_OFFSET;
      case NOT_LEADING -> GROUP_NOT_LED;
    };
  }
}
