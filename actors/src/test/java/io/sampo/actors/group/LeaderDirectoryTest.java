package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeaderDirectoryTest {
  private final LeaderDirectory directory = new LeaderDirectory();
  private final List<@Nullable LeaderAnnouncement> heard = new ArrayList<>();

  @Test
  void newestEpochWins() {
    LeaderAnnouncement second = leader(2);
    assertThat(directory.announced(second)).isTrue();
    assertThat(directory.announced(leader(1))).isFalse();
    assertThat(directory.leader("broker-0")).isEqualTo(second.leader());
    LeaderAnnouncement third = leader(3);
    assertThat(directory.announced(third)).isTrue();
    assertThat(directory.leadership("broker-0")).isEqualTo(third);
  }

  @Test
  void unknownLogGroupHasNoLeader() {
    directory.announced(leader(1));
    assertThat(directory.leader("broker-1")).isNull();
  }

  @Test
  void leaderThatEndedIsForgottenAndDoesNotComeBack() {
    LeaderAnnouncement leader = leader(2);
    directory.announced(leader);
    directory.ended(leader);
    assertThat(directory.leader("broker-0")).isNull();
    assertThat(directory.announced(leader)).as("a late answer of the dead").isFalse();
    assertThat(directory.leader("broker-0")).isNull();
  }

  @Test
  void endOfAnOlderLeaderChangesNothing() {
    LeaderAnnouncement old = leader(1);
    LeaderAnnouncement young = leader(2);
    directory.announced(old);
    directory.announced(young);
    directory.ended(old);
    assertThat(directory.leadership("broker-0")).isEqualTo(young);
  }

  @Test
  void listenersHearEachChangeOnce() {
    LeaderDirectory.Listener listener = (logGroup, leader) -> heard.add(leader);
    directory.addListener(listener);
    LeaderAnnouncement leader = leader(1);
    directory.announced(leader);
    directory.announced(leader);
    directory.ended(leader);
    directory.ended(leader);
    assertThat(heard).isEqualTo(Arrays.asList(leader, null));
    directory.removeListener(listener);
    directory.announced(leader(2));
    assertThat(heard).hasSize(2);
  }

  private static LeaderAnnouncement leader(long epoch) {
    return new LeaderAnnouncement(
        "broker-0", epoch, TestInbox.<LogGroup.Command>create("leader-" + epoch).getRef());
  }
}
