package io.sampo.routing.request;

import io.netty.buffer.ByteBuf;
import io.sampo.actors.catalog.Catalog.TopicReply;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.AppendReply.NotOnAll;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.record.MessageIds;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.Brokers.Broker;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import io.sampo.wire.header.SendResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * One send, from its request to its answer. It is at the same time what the queue answers to, what
 * the drafts release and the header of the response, so that a message costs one object for all of
 * that.
 *
 * <p>It holds the request (and counts it as held by the connection) from {@link #take} until the
 * last of its drafts is released, or {@link #refuse} when there are none.
 */
final class SendExchange extends Exchange
    implements ReplyTo<AppendReply>, Runnable, CommandHeader, SharedAsk.Receiver<TopicReply> {
  private static final long[] NO_POSITIONS = {};

  private final SendHandler handler;
  private final ClientSession session;
  private final RemotingCommand command;
  private final Broker broker;
  private SendRequestHeader header;
  private @Nullable ByteBuf body;
  private int heldBytes;
  private boolean recognised;

  /** The consumer group that failed the message; null when it is a producer's. */
  private @Nullable String returningGroup;

  /** Drafts travel and are released together, by one owner at a time. */
  private int unreleasedDrafts;

  /** Of a message that is delivered later: what cancels it, empty when nothing does. */
  private @Nullable String recallHandle;

  /** Whether another node may lead the log group, and be sent the request. */
  private final boolean mayPassOn;

  /** Whether it holds the request beside its drafts, to pass it on. */
  private boolean kept;

  private int code = ResponseCode.SUCCESS;
  private int queueId;
  private long queueOffset;
  private long[] positions = NO_POSITIONS;

  /** Of a half message. */
  private @Nullable String transactionId;

  SendExchange(
      SendHandler handler,
      ClientSession session,
      RemotingCommand command,
      Broker broker,
      SendRequestHeader header) {
    super(session.connection(), command);
    this.handler = handler;
    this.session = session;
    this.command = command;
    this.mayPassOn = session.mayPassOnLater();
    this.broker = broker;
    this.header = header;
  }

  Broker broker() {
    return broker;
  }

  SendRequestHeader header() {
    return header;
  }

  /** The message goes to another queue than it was sent to, with other properties. */
  void redirect(String topic, int otherQueueId, byte[] properties) {
    header = header.to(topic, otherQueueId, properties);
  }

  /** Goes on once somebody answered, on any thread, unless it is too late. */
  void goOn(Runnable step) {
    try {
      if (isAnswered()) {
        abandon();
      } else {
        step.run();
      }
    } catch (RuntimeException e) {
      abandon();
      ClientSession.fail(this, e);
    }
  }

  /** Keeps the body. Event loop. */
  void take(ByteBuf received) {
    body = received.retain();
    heldBytes = command.headBytes() + received.readableBytes();
    connection().hold(heldBytes);
  }

  /** A retry of it is to be recognised, and so is it if it is one. */
  void recognise() {
    recognised = true;
  }

  boolean isRecognised() {
    return recognised;
  }

  /** One of its messages wouldn't be recognised after all. */
  void unrecognised() {
    recognised = false;
  }

  /** The message is one that a consumer group failed, sent by its client. */
  void returnedBy(String group) {
    returningGroup = group;
  }

  @Nullable String returningGroup() {
    return returningGroup;
  }

  /** The body that was taken. */
  ByteBuf body() {
    ByteBuf taken = body;
    if (taken == null) {
      throw new IllegalStateException("the body was given back");
    }
    return taken;
  }

  /** From now on the drafts hold the body. */
  void draft(QueueKey queue, int drafts) {
    queueId = queue.queueId();
    unreleasedDrafts = drafts;
  }

  /** The message is delivered later. */
  void delay(@Nullable String handle) {
    recallHandle = handle == null ? "" : handle;
  }

  boolean isDelayed() {
    return recallHandle != null;
  }

  /** The scheduler's answer; also when it is gone. */
  void onScheduled(Scheduler.ScheduleReply reply) {
    if (reply instanceof Scheduler.Scheduled scheduled) {
      tell(scheduled.appended());
    } else if (reply instanceof Scheduler.ScheduledBefore before) {
      if (recallHandle != null) {
        recallHandle = RecallHandle.dueAt(recallHandle, before.dueMs());
      }
      tell(new AlreadyAppended(before.queueId(), before.offset(), new long[] {before.position()}));
    } else if (reply instanceof Scheduler.ScheduledNotOnAll notOnAll) {
      code = Refusals.notOnAll(notOnAll.waited());
      onScheduled(notOnAll.stored());
    } else if (reply instanceof Scheduler.NotAppended refused) {
      onRefused(refused.reason());
    } else {
      onRefused(Refusals.TOO_MANY_DELAYED);
    }
  }

  /** Keeps the request until the log group has answered, in case it isn't led here any more. */
  void keep() {
    if (mayPassOn) {
      body().retain();
      kept = true;
    }
  }

  /** Gives the body back unless drafts hold it. */
  void abandon() {
    if (unreleasedDrafts == 0) {
      giveBack();
    }
  }

  /** Answers a send that was not handed to a queue, and gives the body back. */
  void refuse(int code, String remark) {
    giveBack();
    answer(code, remark);
  }

  void refuse(Refusals refusal) {
    refuse(refusal.code(), refusal.remark());
  }

  /** A draft is released. */
  @Override
  public void run() {
    if (--unreleasedDrafts == 0) {
      giveBack();
    }
  }

  private void giveBack() {
    ByteBuf taken = body;
    if (taken != null) {
      body = null;
      taken.release();
      connection().release(heldBytes);
    }
  }

  /** The queue's answer; also when it is gone. */
  @Override
  public void tell(AppendReply reply) {
    if (reply instanceof AppendRefused refused) {
      handler.onRefused(this, refused, queueId);
      onRefused(refused);
      return;
    }
    goesOn(null);
    if (reply instanceof Appended appended) {
      queueOffset = appended.queueOffset();
      positions = appended.positions();
      answer(code, null, this);
    } else if (reply instanceof AlreadyAppended earlier) {
      queueId = earlier.queueId();
      queueOffset = earlier.queueOffset();
      positions = earlier.positions();
      answer(code, null, this);
    } else if (reply instanceof NotOnAll notOnAll) {
      code = Refusals.notOnAll(notOnAll.waited());
      tell(notOnAll.stored());
    }
  }

  /** It was not stored, and no other leader would. */
  void onRefused(Refusals refusal) {
    goesOn(null);
    refusal.answer(this);
  }

  /** The log group didn't store it, or can't say so. */
  void onRefused(AppendRefused refused) {
    if (!goesOn(refused)) {
      Refusals.of(refused).answer(this);
    }
  }

  /**
   * What was kept is needed no more, or goes to the next leader: when nothing was stored, or when
   * the next leader would notice that it was.
   */
  private boolean goesOn(@Nullable AppendRefused refused) {
    if (!kept) {
      return false;
    }
    kept = false;
    boolean again =
        refused == AppendRefused.NOT_LEADING
            || (refused == AppendRefused.LEADERSHIP_ENDED && isNoticedTwice());
    if (again) {
      if (refused == AppendRefused.LEADERSHIP_ENDED) {
        leaveToNext();
      }
      session.passOn(this, command);
    } else {
      command.release();
    }
    return again;
  }

  /** Whether it may be stored, and this leader couldn't tell. */
  boolean isLost() {
    return mayBeDone() && !isNoticedTwice();
  }

  /**
   * Whether a leader that is told that it may be stored finds it. A half message without an end is
   * found by the log group's transaction checker.
   */
  private boolean isNoticedTwice() {
    return recognised && returningGroup == null;
  }

  /** The half message is stored. */
  void answerHalf(@Nullable String transactionId, long queueOffset, long position) {
    goesOn(null);
    this.transactionId = transactionId;
    this.queueOffset = queueOffset;
    this.positions = new long[] {position};
    answer(this);
  }

  /** It was stored by an earlier attempt, for a queue that may be another one. */
  void answerEarlierHalf(
      @Nullable String transactionId, long queueOffset, long position, int queueId) {
    this.queueId = queueId;
    answerHalf(transactionId, queueOffset, position);
  }

  /** The catalog's answer about the topic. */
  @Override
  public void onAnswer(@Nullable TopicReply reply) {
    handler.onTopic(this, reply);
  }

  /** The fields of a successful answer; on the event loop, so that ids are not made elsewhere. */
  @Override
  public void writeFields(FieldWriter out) {
    new SendResponseHeader(ids(), queueId, queueOffset, transactionId).writeFields(out);
    if (recallHandle != null && !recallHandle.isEmpty()) {
      out.field("recallHandle", recallHandle);
    }
    out.field("MSG_REGION", SendProperties.REGION).field("TRACE_ON", true);
  }

  private String ids() {
    String first = MessageIds.encode(broker.storeHost(), positions[0]);
    if (positions.length == 1) {
      return first;
    }
    StringBuilder ids = new StringBuilder((first.length() + 1) * positions.length).append(first);
    for (int i = 1; i < positions.length; i++) {
      ids.append(',').append(MessageIds.encode(broker.storeHost(), positions[i]));
    }
    return ids.toString();
  }
}
