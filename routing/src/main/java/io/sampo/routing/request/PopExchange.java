package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.Popping;
import io.sampo.actors.consumer.Popping.Ack;
import io.sampo.actors.consumer.Popping.Delivery;
import io.sampo.actors.consumer.Popping.Extent;
import io.sampo.actors.consumer.Popping.GiveBack;
import io.sampo.actors.consumer.Popping.Lease;
import io.sampo.actors.consumer.Popping.NothingPopped;
import io.sampo.actors.consumer.Popping.PopReply;
import io.sampo.actors.consumer.Popping.Popped;
import io.sampo.actors.consumer.Popping.QueueRead;
import io.sampo.actors.consumer.Popping.ReadFailed;
import io.sampo.actors.consumer.Popping.ReadNew;
import io.sampo.actors.consumer.Popping.SomethingThere;
import io.sampo.actors.consumer.Popping.WatchEnd;
import io.sampo.actors.consumer.Popping.WatchEnded;
import io.sampo.actors.consumer.Popping.WatchQueue;
import io.sampo.actors.consumer.Popping.Wish;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingMatched;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.OffsetMoved;
import io.sampo.actors.group.Queue.PullLimits;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.actors.group.Queue.ReadAtFound;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.routing.net.Exchange;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.NotificationResponseHeader;
import io.sampo.wire.header.PopResponseHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One pop (200050) or the question for one (200054), from its request to its answer. It goes
 * between the group, which decides, and the queues, which it reads on the group's behalf; step by
 * step, each begun by the reply to the last one, so that no two threads meet.
 *
 * <p>When the queues turn out to be led elsewhere the client is told that nothing came: it pops
 * again at once, and is relayed then or waits for the next leader. After an error official clients
 * would rest for 3 s.
 */
final class PopExchange extends Exchange implements ReplyTo<PopReply> {
  /** Of the queue's messages only whether there is one matters. */
  private static final PullLimits ONE = new PullLimits(1, 1);

  /**
   * What is popped and how.
   *
   * @param firstOffset where a group begins that never consumed a queue
   * @param retriesMax a message that was delivered this often again is put aside instead
   * @param bytesMax of records in one answer, though at least one record
   * @param watchMax how long a queue is watched for new messages at a time
   */
  record Order(
      String group,
      Wish wish,
      EntryFilter filter,
      ToLongFunction<Bounds> firstOffset,
      int retriesMax,
      int bytesMax,
      Duration watchMax) {}

  private final LeaderCache leaders;
  private final PopDeadLetters deadLetters;
  private final Order order;
  private final @Nullable LogGroupPlace place;
  private final long deadlineNs;
  private List<LogSlice> found = List.of();
  private long restCount;
  private boolean repeated;

  PopExchange(
      ClientSession session,
      RemotingCommand command,
      LeaderCache leaders,
      PopDeadLetters deadLetters,
      Order order) {
    super(session.connection(), command);
    this.leaders = leaders;
    this.deadLetters = deadLetters;
    this.order = order;
    this.place = session.place();
    this.deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(order.wish().waitMs());
  }

  /** Asks the group. */
  void pop() {
    leaders.tellGroup(order.group(), new Popping.Pop(wishNow(), this));
  }

  private Wish wishNow() {
    Wish wish = order.wish();
    long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
    return wish.withWaitMs(Math.max(0, Math.min(wish.waitMs(), leftMs)));
  }

  @Override
  public void tell(PopReply reply) {
    if (reply instanceof ReadNew read) {
      onReadNew(read);
    } else if (reply instanceof WatchQueue watch) {
      watch(watch);
    } else if (reply instanceof Popped popped) {
      onPopped(popped);
    } else if (reply == NothingPopped.LEASE_LOST) {
      closeFound();
      pop();
    } else if (reply instanceof NothingPopped nothing) {
      answerNothing(nothing == NothingPopped.TOO_MANY_WAITING);
    } else if (reply == SomethingThere.INSTANCE) {
      closeFound();
      answer(new NotificationResponseHeader(true, false));
    } else if (reply instanceof GroupRefused refused) {
      onRefused(refused);
    }
  }

  private void answerNothing(boolean full) {
    if (order.wish().peek()) {
      answer(new NotificationResponseHeader(false, full));
    } else if (full) {
      answer(
          ResponseCode.POLLING_FULL,
          "too many requests of the group wait for messages",
          PopResponseHeader.NOTHING);
    } else {
      answer(ResponseCode.POLLING_TIMEOUT, null, PopResponseHeader.NOTHING);
    }
  }

  private void onRefused(GroupRefused refused) {
    closeFound();
    if (refused == GroupRefused.NOT_LEADING && !repeated && !isAnswered()) {
      repeated = true;
      pop();
    } else {
      refuse(Refusals.of(refused));
    }
  }

  private void refuse(Refusals refusal) {
    answer(refusal.code(), refusal.remark());
  }

  private void closeFound() {
    found.forEach(LogSlice::close);
    found = List.of();
  }

  /** It waited too long, or the client has closed the connection. */
  private boolean isGone() {
    return isAnswered() || !connection().isOpen();
  }

  private void onReadNew(ReadNew read) {
    if (isGone()) { // nobody would get what it finds
      readFailed(read.lease());
    } else if (read.from() >= 0) {
      readNew(read, read.from());
    } else {
      GroupQueue queue = read.lease().queue();
      leaders.tellQueue(
          queue.logGroup(),
          queue.key(),
          new Queue.GetBounds(
              reply -> {
                if (reply instanceof Bounds bounds) {
                  readNew(read, order.firstOffset().applyAsLong(bounds));
                } else if (reply instanceof ReadRefused refused) {
                  onReadRefused(read.lease(), refused);
                }
              }));
    }
  }

  private void readNew(ReadNew read, long from) {
    GroupQueue queue = read.lease().queue();
    leaders.tellQueue(
        queue.logGroup(),
        queue.key(),
        new Queue.Pull(
            from,
            new PullLimits(read.messagesMax(), order.bytesMax()),
            order.filter(),
            0,
            reply -> onRead(read.lease(), from, reply)));
  }

  private void onRead(Lease lease, long from, PullReply reply) {
    if (reply instanceof Found got) {
      found = got.slices();
      restCount = got.maxOffset() - got.nextOffset();
      tellRead(
          lease,
          new Extent(from, got.nextOffset(), got.maxOffset()),
          PopRead.offsetsOf(got.slices(), got.messages()));
    } else if (reply instanceof NothingNew nothing) {
      tellRead(lease, new Extent(from, nothing.nextOffset(), nothing.maxOffset()));
    } else if (reply instanceof NothingMatched nothing) {
      tellRead(lease, new Extent(from, nothing.nextOffset(), nothing.maxOffset()));
    } else if (reply instanceof OffsetMoved moved) {
      tellRead(lease, new Extent(moved.nextOffset(), moved.nextOffset(), moved.maxOffset()));
    } else if (reply instanceof ReadRefused refused) {
      onReadRefused(lease, refused);
    }
  }

  private void tellRead(Lease lease, Extent extent, long... offsets) {
    leaders.tellGroup(order.group(), new QueueRead(lease, wishNow(), extent, offsets, this));
  }

  private void onReadRefused(Lease lease, ReadRefused refused) {
    readFailed(lease);
    if (refused == ReadRefused.NOT_LEADING && !repeated && !isAnswered()) {
      repeated = true;
      leaders.forgetQueue(lease.queue().logGroup(), lease.queue().key());
      pop();
    } else {
      onReadRefused(lease.queue(), refused);
    }
  }

  private void onReadRefused(GroupQueue queue, ReadRefused refused) {
    if (refused == ReadRefused.NOT_LEADING) {
      leaders.forgetQueue(queue.logGroup(), queue.key());
    }
    if (isLeftToNext(refused)) {
      answerNothing(false);
    } else {
      refuse(Refusals.of(refused));
    }
  }

  private boolean isLeftToNext(PullReply refused) {
    if (refused != ReadRefused.NOT_LEADING || place == null) {
      return false;
    }
    place.doubtHere(); // or the next pop would end here again
    return true;
  }

  private void readFailed(Lease lease) {
    leaders.tellGroup(order.group(), new ReadFailed(lease));
  }

  private void onPopped(Popped popped) {
    if (isGone()) {
      closeFound();
      giveBack(popped, popped.offsets());
    } else if (popped.again()) {
      readAgain(popped);
    } else {
      List<LogSlice> records = found;
      found = List.of();
      answer(
          PopRead.header(
              popped, popped.offsets(), popped.deliveries(), order.wish().inOrder(), restCount),
          records);
    }
  }

  private void readAgain(Popped popped) {
    GroupQueue queue = popped.queue();
    leaders.tellQueue(
        queue.logGroup(),
        queue.key(),
        new Queue.ReadAt(
            popped.offsets(),
            order.bytesMax(),
            reply -> {
              if (reply instanceof ReadAtFound records) {
                onReadAgain(popped, records);
              } else if (reply instanceof ReadRefused refused) {
                giveBack(popped, popped.offsets());
                onReadRefused(queue, refused);
              }
            }));
  }

  private void onReadAgain(Popped popped, ReadAtFound records) {
    long[] asked = popped.offsets();
    List<LogSlice> again = new ArrayList<>();
    List<Delivery> gone = new ArrayList<>();
    long[] offsets = new long[asked.length];
    int[] deliveries = new int[asked.length];
    int found = 0;
    for (int i = 0; i < records.lookedAt(); i++) {
      Delivery delivery = new Delivery(asked[i], popped.popTimeMs());
      if (found == records.offsets().length || records.offsets()[found] != asked[i]) {
        gone.add(delivery);
        continue;
      }
      LogSlice record = records.slices().get(found++);
      int times = popped.deliveries()[i] - 1;
      if (times > order.retriesMax()) {
        deadLetters.add(order.group(), popped.queue(), record, delivery);
      } else {
        offsets[again.size()] = asked[i];
        deliveries[again.size()] = popped.deliveries()[i];
        again.add(RedeliveredRecord.copyOf(record, times));
      }
    }
    if (!gone.isEmpty()) { // no longer in the log: nobody will ever get them
      leaders.tellGroup(order.group(), new Ack(popped.queue(), gone, reply -> {}));
    }
    if (records.lookedAt() < asked.length) {
      giveBack(popped, Arrays.copyOfRange(asked, records.lookedAt(), asked.length));
    }
    if (again.isEmpty()) {
      pop();
    } else {
      int count = again.size();
      answer(
          PopRead.header(
              popped,
              Arrays.copyOf(offsets, count),
              Arrays.copyOf(deliveries, count),
              order.wish().inOrder(),
              0),
          again);
    }
  }

  /** What nobody receives is there for others at once, not only after its time. */
  private void giveBack(Popped popped, long[] offsets) {
    List<Delivery> deliveries = new ArrayList<>(offsets.length);
    for (long offset : offsets) {
      deliveries.add(new Delivery(offset, popped.popTimeMs()));
    }
    leaders.tellGroup(order.group(), new GiveBack(popped.queue(), deliveries));
  }

  /** On behalf of all who wait in the group; goes on when this exchange is answered. */
  private void watch(WatchQueue watch) {
    GroupQueue queue = watch.queue();
    leaders.tellQueue(
        queue.logGroup(),
        queue.key(),
        new Queue.Pull(
            watch.from(),
            ONE,
            EntryFilter.ALL,
            order.watchMax().toMillis(),
            reply -> {
              leaders.tellGroup(order.group(), new WatchEnded(queue, ended(reply)));
              if (isLeftToNext(reply)) {
                answerNothing(false); // the watch of whoever else waits is the group's business
              }
            }));
  }

  private WatchEnd ended(PullReply reply) {
    if (reply instanceof Found got) {
      got.slices().forEach(LogSlice::close);
      return WatchEnd.GREW;
    }
    if (reply instanceof ReadRefused) {
      return WatchEnd.FAILED;
    }
    return reply instanceof NothingNew ? WatchEnd.QUIET : WatchEnd.GREW;
  }
}
