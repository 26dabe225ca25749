package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.Identity;
import io.sampo.actors.consumer.ConsumerGroup.Surroundings;
import io.sampo.actors.consumer.QueueLocking.LockRequest;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;

/**
 * The children of a {@link ConsumerGroup} that are there once somebody needs them, which most
 * groups never do: the one that has the queue locks, and the one that pops. Should one ever break,
 * the whole group starts again. Part of the group's actor, on its thread.
 */
final class GroupKeepers implements OffsetRequests.Pops {
  private final ActorContext<ConsumerGroup.Command> context;
  private final Identity identity;
  private final Surroundings around;
  private final OffsetLedger ledger;
  private @Nullable ActorRef<LockKeeper.Command> locks;
  private @Nullable ActorRef<PopKeeper.Command> pops;

  GroupKeepers(
      ActorContext<ConsumerGroup.Command> context,
      Identity identity,
      Surroundings around,
      OffsetLedger ledger) {
    this.context = context;
    this.identity = identity;
    this.around = around;
    this.ledger = ledger;
  }

  /**
   * Passes on what is asked about locks.
   *
   * @param member whether the client that asks is one
   */
  void lock(LockRequest request, boolean member) {
    ActorRef<LockKeeper.Command> keeper = locks;
    if (keeper == null) {
      keeper = context.spawnAnonymous(LockKeeper.create(identity, around));
      context.watch(keeper);
      locks = keeper;
    }
    keeper.tell(new LockKeeper.Requested(request, member));
  }

  /** Passes on what is asked about pops; once the offsets are known. */
  void pop(Popping.Request request) {
    popKeeper().tell(new PopKeeper.Requested(request));
  }

  @Override
  public boolean isThere() {
    return pops != null;
  }

  @Override
  public void tell(PopKeeper.OffsetSet set) {
    popKeeper().tell(set);
  }

  private ActorRef<PopKeeper.Command> popKeeper() {
    ActorRef<PopKeeper.Command> keeper = pops;
    if (keeper == null) {
      keeper =
          context.spawnAnonymous(
              PopKeeper.create(
                  new PopKeeper.Group(identity, around.settings(), ledger.all(), context.getSelf()),
                  new PopKeeper.Clocks(around.clockMs(), System::currentTimeMillis)));
      context.watch(keeper);
      pops = keeper;
    }
    return keeper;
  }
}
