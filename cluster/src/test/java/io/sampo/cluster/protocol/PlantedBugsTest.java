package io.sampo.cluster.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.ReplicaSettings.Flush;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Shows that the simulator bites: each mistake that one could make in the protocol, or in the code
 * around it, is found within a bounded number of seeds.
 */
final class PlantedBugsTest {
  private static final int SEEDS_MAX = 4_000;

  static Stream<Arguments> bugs() {
    return Stream.of(
        bug(
            "a pledge is told before it is flushed",
            new Plant(new ProtocolRules(), true, false, false)),
        bug(
            "a torn tail is what damage is taken for",
            new Plant(new ProtocolRules(), false, true, false)),
        bug("who lost its disk is who it was", new Plant(new ProtocolRules(), false, false, true)),
        bug("a promise is told before it is durable", Plant.rules(new PromiseAtOnce())),
        bug("a vote counts twice", Plant.rules(new OwnVoteTwice())),
        bug("the leader's copy is enough", Plant.rules(new OneCopyIsEnough())),
        bug("a copy counts before it is flushed", Plant.rules(new WrittenIsHeld())),
        bug("a diverged tail is not cut", Plant.rules(new PositionSaysAll())),
        bug("a longer log wins over a later one", Plant.rules(new LengthWins())),
        bug("old epochs' records are committed by counting", Plant.rules(new CountOldEpochs())),
        bug("memberships overlap", Plant.rules(new MembershipsAtWill())),
        bug("a read needs no barrier", Plant.rules(new ReadAtOnce())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bugs")
  void isFound(String name, Plant plant) {
    AssertionError found = null;
    int seed = 0;
    while (found == null && seed < SEEDS_MAX) {
      seed++;
      try {
        Simulation.run(seed, plant);
      } catch (AssertionError e) {
        found = e;
      }
    }
    assertThat(found).as(name).isNotNull();
    System.out.println(name + ": " + found.toString().lines().findFirst().orElse(""));
    assertThat(found).hasMessageContaining("-Dsimulation.first-seed=" + seed);
  }

  private static Arguments bug(String name, Plant plant) {
    return Arguments.of(name, plant);
  }

  private static final class PromiseAtOnce extends ProtocolRules {
    @Override
    boolean mayAnswerPromise(long promisedEpoch, Pledge durable) {
      return true;
    }
  }

  private static final class OwnVoteTwice extends ProtocolRules {
    @Override
    boolean isMajority(Membership membership, Collection<ReplicaId> replicas) {
      List<ReplicaId> voters = membership.voters();
      return voters.stream().filter(replicas::contains).count() + 1 >= membership.majority();
    }
  }

  private static final class OneCopyIsEnough extends ProtocolRules {
    @Override
    long commit(long[] held, long epochRecordEnd, long commit) {
      long most = 0;
      for (long each : held) {
        most = Math.max(most, each);
      }
      return most < epochRecordEnd ? commit : Math.max(commit, most);
    }
  }

  private static final class WrittenIsHeld extends ProtocolRules {
    @Override
    long held(Flush flush, LogOutline log) {
      return log.end();
    }
  }

  private static final class PositionSaysAll extends ProtocolRules {
    @Override
    boolean isBeginning(LogOutline source, long end, long lastEpoch) {
      return end >= source.start() && end <= source.end();
    }
  }

  private static final class LengthWins extends ProtocolRules {
    @Override
    boolean moreAdvanced(long lastEpoch, long end, long otherLastEpoch, long otherEnd) {
      return end > otherEnd;
    }
  }

  private static final class CountOldEpochs extends ProtocolRules {
    @Override
    long commit(long[] held, long epochRecordEnd, long commit) {
      return Math.max(commit, CommitQuorum.ofMajority(held));
    }
  }

  private static final class MembershipsAtWill extends ProtocolRules {
    @Override
    boolean mayChangeMembership(boolean epochRecordCommitted, long membershipEnd, long commit) {
      return true;
    }
  }

  private static final class ReadAtOnce extends ProtocolRules {
    @Override
    boolean mayRead(Membership membership, Collection<ReplicaId> confirmedSince) {
      return true;
    }
  }
}
