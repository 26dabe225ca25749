package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.GroupQuestion;
import io.sampo.actors.group.LocalQueues;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.QueueGate;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import io.sampo.routing.request.LeaderResolver.Resolve;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Carries commands to the actors of queues, consumer groups and parts of log groups. The actor is
 * looked up once, by the {@link LeaderResolver}, and then told directly: a look into a map, no
 * lock. Any thread.
 *
 * <p>Appends to a queue that is led on this node go through its {@link QueueGate} to the log, and
 * not through the actor's mailbox.
 *
 * <p>Commands that come before the actor is known wait, in order, and later ones don't overtake
 * them. Nothing waits for ever: what can't be carried in time, or is too much, is refused by its
 * own {@link Undeliverable#undelivered()}, or dropped when nobody waits for an answer.
 */
final class LeaderCache {
  private final List<String> homes;
  private final ActorRef<LeaderResolver.Command> resolver;
  private final LocalQueues localQueues;
  private final RemoteGroups remoteGroups;
  private final int waitingMax;
  private final long patienceNanos;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ConcurrentMap<String, ConcurrentMap<QueueKey, Slot<Queue.Command>>> queues =
      new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Slot<ConsumerGroup.Command>> groups =
      new ConcurrentHashMap<>();
  private final ConcurrentMap<PartKey, Slot<LogGroup.PartCommand>> parts =
      new ConcurrentHashMap<>();

  private record PartKey(String logGroup, LogGroup.Part part) {}

  /**
   * @param homes the log groups that are homes of consumer groups; for others see {@link #add}
   * @param resolver finds actors; see {@link LeaderResolver}
   * @param localQueues the gates of the queues that are led on this node
   * @param remoteGroups the way to consumer groups that are led on other nodes
   * @param waitingMax commands that may wait for an actor to be found
   * @param patience how long after it was asked a question may go to a group's next leader
   */
  LeaderCache(
      List<String> homes,
      ActorRef<LeaderResolver.Command> resolver,
      LocalQueues localQueues,
      RemoteGroups remoteGroups,
      int waitingMax,
      Duration patience) {
    this.homes = List.copyOf(homes);
    this.resolver = resolver;
    this.localQueues = localQueues;
    this.remoteGroups = remoteGroups;
    this.waitingMax = waitingMax;
    this.patienceNanos = patience.toNanos();
    this.homes.forEach(this::add);
  }

  /** There is this log group, too; adding it again changes nothing. */
  void add(String logGroup) {
    queues.computeIfAbsent(logGroup, missing -> new ConcurrentHashMap<>());
  }

  /** The way to consumer groups that are led on other nodes. */
  RemoteGroups remoteGroups() {
    return remoteGroups;
  }

  /** Carries a command to the actor of a queue. */
  void tellQueue(String logGroup, QueueKey key, Queue.Command command) {
    ConcurrentMap<QueueKey, Slot<Queue.Command>> slots = queues.get(logGroup);
    if (slots == null) {
      throw new IllegalArgumentException("no log group is called " + logGroup);
    }
    Slot<Queue.Command> slot = slots.get(key);
    if (slot != null) {
      ActorRef<Queue.Command> actor = slot.actor;
      if (actor != null) {
        slot.tell(actor, command);
        return;
      }
    }
    do {
      slot = slots.computeIfAbsent(key, missing -> new QueueSlot(this, logGroup, missing));
    } while (!slot.tellOrWait(command));
  }

  /**
   * Carries a command to the actor of a consumer group, wherever its home is. A question whose
   * leader is gone is asked again.
   */
  void tellGroup(String group, ConsumerGroup.Command command) {
    if (command instanceof GroupQuestion<?> question) {
      askGroup(group, repeated(group, question));
    } else {
      askGroup(group, command);
    }
  }

  private <R extends ControlMessage> ConsumerGroup.Command repeated(
      String group, GroupQuestion<R> question) {
    return question.answeredTo(
        new RepeatedQuestion<>(this, group, question, System.nanoTime() + patienceNanos));
  }

  /** Carries a command once. */
  void askGroup(String group, ConsumerGroup.Command command) {
    Slot<ConsumerGroup.Command> slot = groups.get(group);
    ActorRef<ConsumerGroup.Command> actor = slot == null ? null : slot.actor;
    if (slot != null && actor != null) {
      slot.tell(actor, command);
      return;
    }
    do {
      slot =
          groups.computeIfAbsent(
              group, missing -> new GroupSlot(this, LogGroup.groupHome(missing, homes), missing));
    } while (!slot.tellOrWait(command));
  }

  /** Carries a command to a part of a log group. */
  void tellPart(String logGroup, LogGroup.Part part, LogGroup.PartCommand command) {
    if (!queues.containsKey(logGroup)) {
      throw new IllegalArgumentException("no log group is called " + logGroup);
    }
    Slot<LogGroup.PartCommand> slot;
    do {
      slot =
          parts.computeIfAbsent(
              new PartKey(logGroup, part), missing -> new PartSlot(this, logGroup, part));
    } while (!slot.tellOrWait(command));
  }

  /** Forgets the actor of a queue, because it said that it is no longer in charge. */
  void forgetQueue(String logGroup, QueueKey key) {
    ConcurrentMap<QueueKey, Slot<Queue.Command>> slots = queues.get(logGroup);
    Slot<Queue.Command> slot = slots == null ? null : slots.get(key);
    if (slot != null) {
      slot.drop();
    }
  }

  /**
   * Forgets the actor of a consumer group, because it said that it is no longer in charge, unless
   * another one has taken its place.
   */
  void forgetGroup(String group, ActorRef<ConsumerGroup.Command> actor) {
    Slot<ConsumerGroup.Command> slot = groups.get(group);
    if (slot != null) {
      slot.drop(actor);
    }
  }

  private static void refuse(Object command) {
    if (command instanceof Undeliverable undeliverable) {
      undeliverable.undelivered();
    }
  }

  /**
   * The place of one actor. It has an actor, or commands that wait for one, or it is out of the map
   * for good ("dropped") and a new one takes its place.
   */
  abstract static class Slot<C> {
    final LeaderCache cache;
    final String logGroup;

    /** Set last, when those who waited are told, so that nobody overtakes them. */
    volatile @Nullable ActorRef<C> actor;

    private final ArrayDeque<C> waiting = new ArrayDeque<>();
    private boolean resolving;
    private boolean dropped;

    Slot(LeaderCache cache, String logGroup) {
      this.cache = cache;
      this.logGroup = logGroup;
    }

    /** Takes itself out of the map. */
    abstract void remove();

    /** Tells the actor, which is known. */
    void tell(ActorRef<C> found, C command) {
      found.tell(command);
    }

    /** Called before anybody tells the actor anything. */
    void found(ActorRef<C> found) {}

    /** False when this slot is dropped; then the caller takes the new one. */
    final boolean tellOrWait(C command) {
      boolean refused = false;
      boolean resolve = false;
      synchronized (this) {
        if (dropped) {
          return false;
        }
        ActorRef<C> found = actor;
        if (found != null) {
          tell(found, command);
          return true;
        }
        if (cache.waiting.incrementAndGet() <= cache.waitingMax) {
          waiting.add(command);
          resolve = !resolving;
          resolving = true;
        } else {
          cache.waiting.decrementAndGet();
          refused = true;
        }
      }
      if (refused) {
        refuse(command);
      }
      if (resolve) {
        cache.resolver.tell(new Resolve(this));
      }
      return true;
    }

    /** The actor is known: tells it what waited. */
    final void resolved(ActorRef<C> found) {
      synchronized (this) {
        if (dropped) {
          return;
        }
        found(found);
        cache.waiting.addAndGet(-waiting.size());
        waiting.forEach(command -> tell(found, command));
        waiting.clear();
        resolving = false;
        actor = found;
      }
    }

    /** The actor can't be found: refuses what waited, and is dropped. */
    final void unresolved() {
      List<C> refused;
      synchronized (this) {
        refused = List.copyOf(waiting);
        waiting.clear();
        cache.waiting.addAndGet(-refused.size());
        dropped = true;
      }
      remove();
      refused.forEach(LeaderCache::refuse);
    }

    /** The actor is gone; nothing happens to a slot that waits for one. */
    final void drop() {
      ActorRef<C> gone;
      synchronized (this) { // it may say so before those are all told who waited for it
        gone = actor;
      }
      if (gone != null) {
        drop(gone);
      }
    }

    /**
     * An actor is gone; nothing happens to a slot that has another one. It may say so before those
     * are all told who waited for it.
     */
    final void drop(ActorRef<C> gone) {
      synchronized (this) {
        if (!gone.equals(actor)) {
          return;
        }
        dropped = true;
      }
      remove();
      ended(gone);
    }

    /** Called after the actor was forgotten. */
    void ended(ActorRef<C> gone) {}
  }

  /** The place of a queue's actor. */
  static final class QueueSlot extends Slot<Queue.Command> {
    final QueueKey key;

    /** Null when the queue's actor has none. Published by {@link #actor}. */
    private @Nullable QueueGate gate;

    QueueSlot(LeaderCache cache, String logGroup, QueueKey key) {
      super(cache, logGroup);
      this.key = key;
    }

    @Override
    void found(ActorRef<Queue.Command> found) {
      gate = cache.localQueues.find(found);
    }

    @Override
    void tell(ActorRef<Queue.Command> found, Queue.Command command) {
      QueueGate local = gate;
      if (local != null && command instanceof Queue.Append append) {
        local.append(append);
      } else {
        found.tell(command);
      }
    }

    @Override
    void remove() {
      ConcurrentMap<QueueKey, Slot<Queue.Command>> slots = cache.queues.get(logGroup);
      if (slots != null) {
        slots.remove(key, this);
      }
    }

    @Override
    public String toString() {
      return "queue " + key + " of " + logGroup;
    }
  }

  /** The place of a part's actor. */
  static final class PartSlot extends Slot<LogGroup.PartCommand> {
    final LogGroup.Part part;

    PartSlot(LeaderCache cache, String logGroup, LogGroup.Part part) {
      super(cache, logGroup);
      this.part = part;
    }

    @Override
    void remove() {
      cache.parts.remove(new PartKey(logGroup, part), this);
    }

    @Override
    public String toString() {
      return "part " + part + " of " + logGroup;
    }
  }

  /** The place of a consumer group's actor. */
  static final class GroupSlot extends Slot<ConsumerGroup.Command> {
    final String group;

    /** Whether it is led on another node. Published by {@link #actor}. */
    private boolean remote;

    GroupSlot(LeaderCache cache, String logGroup, String group) {
      super(cache, logGroup);
      this.group = group;
    }

    @Override
    void found(ActorRef<ConsumerGroup.Command> found) {
      remote = RemoteGroups.isRemote(found);
    }

    @Override
    void tell(ActorRef<ConsumerGroup.Command> found, ConsumerGroup.Command command) {
      if (command instanceof GroupQuestion<?> question
          && question.replyTo() instanceof RepeatedQuestion<?> repeated) {
        repeated.asking(found);
      }
      if (remote) {
        cache.remoteGroups.tell(found, command);
      } else {
        found.tell(command);
      }
    }

    @Override
    void ended(ActorRef<ConsumerGroup.Command> gone) {
      if (remote) {
        cache.remoteGroups.ended(gone);
      }
    }

    @Override
    void remove() {
      cache.groups.remove(group, this);
    }

    @Override
    public String toString() {
      return "consumer group " + group + " in " + logGroup;
    }
  }
}
