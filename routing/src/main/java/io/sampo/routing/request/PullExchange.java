package io.sampo.routing.request;

import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingMatched;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.OffsetMoved;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.PullRequestHeader;
import io.sampo.wire.header.PullResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * One pull, from its request to its answer, and what the queue answers to. When the queue's actor
 * turns out to be gone the pull goes to its successor, once; the client would wait 3 s before it
 * tried again.
 */
final class PullExchange extends Exchange implements ReplyTo<PullReply> {
  /** The only address that serves a queue is its leader's. */
  private static final long LEADER = 0;

  private final LeaderCache leaders;
  private final @Nullable LogGroupPlace place;
  private final String logGroup;
  private PullRequestHeader header;
  private final QueueKey queue;
  private Queue.@Nullable Pull pull;
  private boolean repeated;

  PullExchange(
      ClientSession session,
      RemotingCommand command,
      LeaderCache leaders,
      PullRequestHeader header,
      QueueKey queue) {
    super(session.connection(), command);
    this.leaders = leaders;
    this.place = session.place();
    this.logGroup = session.logGroup();
    this.header = header;
    this.queue = queue;
  }

  PullRequestHeader header() {
    return header;
  }

  QueueKey queue() {
    return queue;
  }

  String logGroup() {
    return logGroup;
  }

  /** Asks the queue. Thousands of pulls may wait there, so the filter's text is given up. */
  void pull(Queue.EntryFilter filter, Queue.PullLimits limits, long waitMillis) {
    Queue.Pull asked = new Queue.Pull(header.queueOffset(), limits, filter, waitMillis, this);
    pull = asked;
    if (header.subscription() != null) {
      header = header.withoutSubscription();
    }
    leaders.tellQueue(logGroup, queue, asked);
  }

  /** Has the consumer pull again from where it was, because its subscription has changed. */
  void pullAgain() {
    leaders.tellQueue(
        logGroup,
        queue,
        new Queue.GetBounds(
            reply -> {
              if (reply instanceof Queue.Bounds bounds) {
                tell(
                    new NothingMatched(
                        header.queueOffset(), bounds.minOffset(), bounds.maxOffset()));
              } else if (reply instanceof ReadRefused refused) {
                onRefused(refused);
              }
            }));
  }

  /** Sends the consumer elsewhere, because its group was reset. */
  void moveTo(long offset) {
    leaders.tellQueue(
        logGroup,
        queue,
        new Queue.GetBounds(
            reply -> {
              if (reply instanceof Queue.Bounds bounds) {
                tell(new OffsetMoved(offset, bounds.minOffset(), bounds.maxOffset()));
              } else if (reply instanceof ReadRefused refused) {
                onRefused(refused);
              }
            }));
  }

  @Override
  public void tell(PullReply reply) {
    if (reply instanceof Found found) {
      answer(fields(found.nextOffset(), found.minOffset(), found.maxOffset()), found.slices());
    } else if (reply instanceof NothingNew nothing) {
      answer(
          ResponseCode.PULL_NOT_FOUND,
          null,
          fields(nothing.nextOffset(), nothing.minOffset(), nothing.maxOffset()));
    } else if (reply instanceof NothingMatched nothing) {
      answer(
          ResponseCode.PULL_RETRY_IMMEDIATELY,
          null,
          fields(nothing.nextOffset(), nothing.minOffset(), nothing.maxOffset()));
    } else if (reply instanceof OffsetMoved moved) {
      answer(
          ResponseCode.PULL_OFFSET_MOVED,
          "the queue has the offsets from " + moved.minOffset() + " to " + moved.maxOffset(),
          fields(moved.nextOffset(), moved.minOffset(), moved.maxOffset()));
    } else if (reply instanceof ReadRefused refused) {
      onRefused(refused);
    }
  }

  private void onRefused(ReadRefused refused) {
    Queue.Pull asked = pull;
    if (refused == ReadRefused.NOT_LEADING) {
      leaders.forgetQueue(logGroup, queue);
      if (!repeated && asked != null && !isAnswered()) {
        repeated = true;
        leaders.tellQueue(logGroup, queue, asked);
        return;
      }
      if (place != null) {
        // Asked again at once it is relayed, or waits; after any other answer clients rest for 3 s.
        place.doubtHere();
        long offset = header.queueOffset();
        answer(ResponseCode.PULL_RETRY_IMMEDIATELY, null, fields(offset, 0, offset));
        return;
      }
    }
    Refusals refusal = Refusals.of(refused);
    answer(refusal.code(), refusal.remark());
  }

  private static PullResponseHeader fields(long nextOffset, long minOffset, long maxOffset) {
    return new PullResponseHeader(LEADER, nextOffset, minOffset, maxOffset);
  }
}
