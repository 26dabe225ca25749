package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.LogGroup.Knock;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.QueueReply;
import io.sampo.actors.group.LogGroup.ResolveQueue;
import io.sampo.actors.group.LogGroup.ResolveRefused;
import io.sampo.actors.group.LogGroup.Retire;
import io.sampo.record.QueueKey;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The leaders of a node, and appointments; the log groups end when they are poisoned. */
class LocalLeadersTest {
  private enum Poison implements LogGroup.InternalCommand {
    INSTANCE
  }

  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<LogGroup.Command> told = kit.createTestProbe();
  private final BlockingQueue<ActorRef<LogGroup.Command>> begun = new LinkedBlockingQueue<>();
  private final ActorRef<LocalLeaders.Command> leaders =
      kit.spawn(LocalLeaders.create(this::logGroup));
  private final TestProbe<LeaderAnnouncement> knocker = kit.createTestProbe();

  private Behavior<LogGroup.Command> logGroup(String name) {
    return Behaviors.setup(
        context -> {
          begun.add(context.getSelf());
          return Behaviors.receiveMessage(
              message -> {
                if (message == Poison.INSTANCE) {
                  return Behaviors.stopped();
                }
                told.getRef().tell(message);
                return Behaviors.same();
              });
        });
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private ActorRef<LogGroup.Command> nextBegun() throws InterruptedException {
    ActorRef<LogGroup.Command> next = begun.poll(10, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  @Test
  void whatAnAppointmentIsAskedTheLogGroupIsAsked() throws InterruptedException {
    ActorRef<LogGroup.Command> appointment = kit.spawn(Appointment.create("broker-0", leaders));
    nextBegun();
    Knock knock = new Knock(knocker.getRef());
    appointment.tell(knock);
    told.expectMessage(knock);
  }

  @Test
  void anAppointmentEndsWithItsLogGroup() throws InterruptedException {
    ActorRef<LogGroup.Command> appointment = kit.spawn(Appointment.create("broker-0", leaders));
    nextBegun().tell(Poison.INSTANCE);
    told.expectTerminated(appointment);
    TestProbe<QueueReply> asker = kit.createTestProbe();
    leaders.tell(
        new LocalLeaders.Asked("broker-0", new ResolveQueue(new QueueKey("T", 0), asker.getRef())));
    asker.expectMessageClass(ResolveRefused.class);
  }

  @Test
  void anAppointmentThatIsTakenBackEndsOnceTheLeaderMayBeFollowed() throws InterruptedException {
    ActorRef<LogGroup.Command> appointment = kit.spawn(Appointment.create("broker-0", leaders));
    ActorRef<LogGroup.Command> first = nextBegun();
    appointment.tell(LogGroup.HandOver.INSTANCE);
    assertThat(told.expectMessageClass(Retire.class).appointment()).isEqualTo(appointment);
    Knock knock = new Knock(knocker.getRef());
    appointment.tell(knock);
    told.expectMessage(knock);
    appointment.tell(Appointment.Told.MAY_BE_FOLLOWED);
    told.expectTerminated(appointment);

    TestProbe<Done> none = kit.createTestProbe();
    leaders.tell(new LocalLeaders.AwaitNone(none.getRef()));
    none.expectNoMessage(); // it serves on
    first.tell(Poison.INSTANCE);
    none.expectMessage(Done.getInstance());
  }

  @Test
  void whoIsAppointedAgainStandsBesideWhoServesOn() throws InterruptedException {
    ActorRef<LogGroup.Command> before = kit.spawn(Appointment.create("broker-0", leaders));
    ActorRef<LogGroup.Command> first = nextBegun();
    kit.stop(before);
    told.expectMessageClass(Retire.class);
    ActorRef<LogGroup.Command> again = kit.spawn(Appointment.create("broker-0", leaders));
    ActorRef<LogGroup.Command> second = nextBegun();
    told.expectMessageClass(Retire.class); // said twice is as said once

    first.tell(Poison.INSTANCE);
    told.expectTerminated(first);
    Knock knock = new Knock(knocker.getRef());
    again.tell(knock);
    told.expectMessage(knock);
    second.tell(Poison.INSTANCE);
    told.expectTerminated(again);
  }
}
