package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.Leave;
import io.sampo.actors.consumer.ConsumerGroup.MemberLink;
import io.sampo.actors.consumer.GroupQuestion;
import io.sampo.actors.consumer.RemoteLink;
import io.sampo.actors.consumer.RemoteLink.GroupChanged;
import io.sampo.actors.consumer.RemoteLink.LinkEvent;
import io.sampo.actors.consumer.RemoteLink.OffsetsWereReset;
import io.sampo.cluster.replication.RemoteReplyTo;
import io.sampo.cluster.replication.RemoteReplyTo.Answer;
import io.sampo.cluster.serialization.ControlMessage;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * What this node tells consumer groups that are led on other nodes. Questions get a number and the
 * answers come back to it; links to clients get one too, for what the group tells them. Requests of
 * clients don't notice the difference, and groups of this node are never told through here.
 *
 * <p>Always holds: each question is answered, or refused as one whose group is gone, when the
 * group's actor ends, when there are too many or when its time is over. Any thread.
 */
final class RemoteGroups {
  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(1);

  private record Open(
      GroupQuestion<?> question, ActorRef<ConsumerGroup.Command> group, long deadlineNanos) {}

  private final ConcurrentMap<Long, Open> open = new ConcurrentHashMap<>();
  private final ConcurrentMap<ActorRef<ConsumerGroup.Command>, Set<Long>> openOf =
      new ConcurrentHashMap<>();
  private final AtomicInteger openCount = new AtomicInteger();
  private final AtomicLong lastNumber = new AtomicLong();
  private final ConcurrentMap<Long, ClientSession> links = new ConcurrentHashMap<>();
  private final ActorRef<Answer> answers;
  private final ActorRef<LinkEvent> linkEvents;
  private final long timeoutNanos;
  private final int openMax;

  /** Starts actors, of which each has its own name. */
  interface Spawner {
    <T> ActorRef<T> spawn(Behavior<T> behavior, String name);
  }

  /**
   * @param spawner starts two actors, {@code group-answers} and {@code client-links}
   * @param timeout after which nobody waits for an answer any more
   * @param openMax questions that may wait for their answers
   */
  RemoteGroups(Spawner spawner, Duration timeout, int openMax) {
    this.timeoutNanos = timeout.toNanos();
    this.openMax = openMax;
    this.answers = spawner.spawn(answers(), "group-answers");
    this.linkEvents = spawner.spawn(linkEvents(), "client-links");
  }

  /** Starts it on a node. */
  static RemoteGroups start(ActorSystem<?> system, Duration timeout, int openMax) {
    RemoteGroups groups = new RemoteGroups(new OfSystem(system), timeout, openMax);
    system
        .scheduler()
        .scheduleWithFixedDelay(
            SWEEP_INTERVAL,
            SWEEP_INTERVAL,
            () -> groups.sweep(System.nanoTime()),
            system.executionContext());
    return groups;
  }

  private record OfSystem(ActorSystem<?> system) implements Spawner {
    @Override
    public <T> ActorRef<T> spawn(Behavior<T> behavior, String name) {
      return system.systemActorOf(behavior, name, Props.empty());
    }
  }

  private Behavior<Answer> answers() {
    return Behaviors.receiveMessage(
        answer -> {
          onAnswer(answer);
          return Behaviors.same();
        });
  }

  private Behavior<LinkEvent> linkEvents() {
    return Behaviors.receiveMessage(
        event -> {
          onLinkEvent(event);
          return Behaviors.same();
        });
  }

  /** Whether an actor is on another node. */
  static boolean isRemote(ActorRef<?> actor) {
    return actor.path().address().hasGlobalScope();
  }

  /** From now on groups may tell the session something. Event loop. */
  void enter(ClientSession session) {
    links.put(session.number(), session);
  }

  /** The session is closed. */
  void leave(ClientSession session) {
    links.remove(session.number());
  }

  /** Tells a group on another node. */
  void tell(ActorRef<ConsumerGroup.Command> group, ConsumerGroup.Command command) {
    if (command instanceof GroupQuestion<?> question) {
      ask(group, question);
    } else if (command instanceof Leave leave) {
      group.tell(new Leave(leave.clientId(), linkOf(leave.link())));
    } else {
      group.tell(command);
    }
  }

  private <R extends ControlMessage> void ask(
      ActorRef<ConsumerGroup.Command> group, GroupQuestion<R> question) {
    if (openCount.incrementAndGet() > openMax) {
      openCount.decrementAndGet();
      refuse(question);
      return;
    }
    long number = lastNumber.incrementAndGet();
    remember(number, new Open(question, group, System.nanoTime() + timeoutNanos));
    RemoteReplyTo<R> replyTo = new RemoteReplyTo<>(answers, number);
    if (question instanceof Heartbeat heartbeat) {
      group.tell(
          new Heartbeat(
              heartbeat.member(),
              linkOf(heartbeat.link()),
              new RemoteReplyTo<>(replyTo.node(), number)));
    } else {
      group.tell(question.answeredTo(replyTo));
    }
  }

  private void remember(Long number, Open asked) {
    open.put(number, asked);
    openOf.compute(
        asked.group(),
        (group, before) -> {
          Set<Long> numbers = before == null ? ConcurrentHashMap.newKeySet() : before;
          numbers.add(number);
          return numbers;
        });
  }

  /** Null when it was forgotten before. */
  private @Nullable Open forget(Long number) {
    Open asked = open.remove(number);
    if (asked != null) {
      openCount.decrementAndGet();
      openOf.computeIfPresent(
          asked.group(),
          (group, numbers) -> {
            numbers.remove(number);
            return numbers.isEmpty() ? null : numbers;
          });
    }
    return asked;
  }

  /** Too many are asked; each kind of answer has this refusal. */
  @SuppressWarnings("unchecked")
  private static <R extends ControlMessage> void refuse(GroupQuestion<R> question) {
    question.replyTo().tell((R) (ControlMessage) GroupRefused.TOO_MANY_WAITING);
  }

  private RemoteLink linkOf(MemberLink link) {
    if (link instanceof ClientSession session) {
      return new RemoteLink(linkEvents, session.number());
    }
    throw new IllegalArgumentException("not a client of this node: " + link);
  }

  /** The actor is gone: nobody answers what it was asked. */
  void ended(ActorRef<ConsumerGroup.Command> group) {
    Set<Long> numbers = openOf.remove(group);
    if (numbers != null) {
      numbers.forEach(this::refuse);
    }
  }

  void sweep(long nowNanos) {
    open.forEach(
        (number, asked) -> {
          if (asked.deadlineNanos() - nowNanos < 0) {
            refuse(number);
          }
        });
  }

  private void refuse(Long number) {
    Open refused = forget(number);
    if (refused != null) {
      refused.question().undelivered();
    }
  }

  private void onAnswer(Answer answer) {
    Open asked = open.get(answer.question());
    if (asked != null) {
      tell(asked.question(), answer);
    }
  }

  /** The question's number stands for the type of its answers. */
  @SuppressWarnings("unchecked")
  private <R extends ControlMessage> void tell(GroupQuestion<R> question, Answer answer) {
    R reply = (R) answer.reply();
    if (!question.endsWith(reply)) {
      question.replyTo().tell(reply);
    } else if (forget(answer.question()) != null) {
      question.replyTo().tell(reply);
    }
  }

  private void onLinkEvent(LinkEvent event) {
    ClientSession session = links.get(event.link());
    if (session == null) {
      return; // closed meanwhile
    }
    if (event instanceof GroupChanged changed) {
      session.groupChanged(changed.group());
    } else if (event instanceof OffsetsWereReset reset) {
      session.offsetsReset(reset.group());
    }
  }
}
