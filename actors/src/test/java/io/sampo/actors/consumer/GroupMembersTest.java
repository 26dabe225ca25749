package io.sampo.actors.consumer;

import static io.sampo.actors.consumer.SampleMembers.member;
import static io.sampo.actors.consumer.SampleMembers.tags;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GroupMembersTest {
  private final GroupMembers members = new GroupMembers(3, 4);
  private final RecordingLink link = new RecordingLink();

  @Test
  void idsAreSorted() {
    members.heartbeat(member("b"), link, 0);
    members.heartbeat(member("c"), new RecordingLink(), 0);
    members.heartbeat(member("a"), new RecordingLink(), 0);
    assertThat(members.sortedIds()).containsExactly("a", "b", "c");
  }

  @Test
  void expectedOnesCountUntilTheyComeOrLeaveOrAreNotWaitedFor() {
    members.heartbeat(member("a"), link, 0);
    members.expect(Set.of("a", "b", "c", "d"));
    assertThat(members.sortedIds()).containsExactly("a", "b", "c", "d");
    assertThat(members.contains("b")).as("it isn't here").isFalse();
    members.takeChange();

    members.heartbeat(member("b"), new RecordingLink(), 0);
    assertThat(members.takeChange()).as("it was counted before").isFalse();
    members.leave("c", new RecordingLink());
    assertThat(members.takeChange()).isTrue();
    assertThat(members.sortedIds()).containsExactly("a", "b", "d");

    members.expectNoMore();
    assertThat(members.takeChange()).isTrue();
    assertThat(members.sortedIds()).containsExactly("a", "b");
    members.expectNoMore();
    assertThat(members.takeChange()).isFalse();
  }

  @Test
  void repeatedHeartbeatIsNoChange() {
    members.heartbeat(member("a", tags("T", "*", 1)), link, 0);
    assertThat(members.takeChange()).isTrue();
    members.heartbeat(member("a", tags("T", "*", 1)), link, 1);
    assertThat(members.takeChange()).isFalse();
  }

  @Test
  void everyMemberIsToldOverItsOwnLink() {
    RecordingLink other = new RecordingLink();
    members.heartbeat(member("a"), link, 0);
    members.heartbeat(member("b"), other, 0);
    members.tellAllChanged("G");
    assertThat(link.takeChanges()).isEqualTo(1);
    assertThat(other.takeChanges()).isEqualTo(1);
  }

  @Test
  void newerVersionOfASubscriptionReplacesTheOlder() {
    members.heartbeat(member("a", tags("T", "x", 5)), link, 0);
    members.takeChange();

    members.heartbeat(member("b", tags("T", "y", 4)), new RecordingLink(), 0);
    assertThat(members.subscription("T")).isEqualTo(tags("T", "x", 5));

    members.takeChange();
    members.heartbeat(member("b", tags("T", "y", 6)), link, 0);
    assertThat(members.subscription("T")).isEqualTo(tags("T", "y", 6));
    assertThat(members.takeChange()).isTrue();
  }

  @Test
  void newVersionOfTheSameFilterIsTakenButNoChange() {
    members.heartbeat(member("a", tags("T", "x", 5)), link, 0);
    members.takeChange();
    members.heartbeat(member("a", tags("T", "x", 6)), link, 0);
    assertThat(members.takeChange()).isFalse();
    assertThat(members.subscription("T")).isEqualTo(tags("T", "x", 6));
  }

  @Test
  void topicIsForgottenWhenNoMemberNamesItAnyMore() {
    members.heartbeat(member("a", tags("T", "*", 1), tags("U", "*", 1)), link, 0);
    members.heartbeat(member("b", tags("T", "*", 1)), new RecordingLink(), 0);
    members.takeChange();

    members.heartbeat(member("a"), link, 1);

    assertThat(members.subscription("T")).as("b still names it").isNotNull();
    assertThat(members.subscription("U")).isNull();
    assertThat(members.takeChange()).isTrue();
  }

  @Test
  void topicsGoWithTheLastMemberThatNamesThem() {
    RecordingLink other = new RecordingLink();
    members.heartbeat(member("a", tags("T", "*", 1)), link, 0);
    members.heartbeat(member("b", tags("T", "*", 1)), other, 0);
    members.leave("a", link);
    assertThat(members.subscription("T")).isNotNull();
    members.leave("b", other);
    assertThat(members.subscription("T")).isNull();
    assertThat(members.isEmpty()).isTrue();
  }

  @Test
  void clientLeavesWithItsLastLink() {
    RecordingLink second = new RecordingLink();
    members.heartbeat(member("a"), link, 0);
    members.heartbeat(member("a"), second, 0);
    members.takeChange();

    members.leave("a", second);
    assertThat(members.sortedIds()).containsExactly("a");
    assertThat(members.takeChange()).isFalse();
    members.tellAllChanged("G");
    assertThat(link.takeChanges()).isEqualTo(1);
    assertThat(second.takeChanges()).isZero();

    members.leave("a", link);
    assertThat(members.sortedIds()).isEmpty();
    assertThat(members.takeChange()).isTrue();
  }

  @Test
  void leaveOverAnUnknownLinkIsIgnored() {
    members.heartbeat(member("a"), link, 0);
    members.takeChange();
    members.leave("a", new RecordingLink());
    members.leave("nobody", link);
    assertThat(members.sortedIds()).containsExactly("a");
    assertThat(members.takeChange()).isFalse();
  }

  @Test
  void clientIsToldOverTheLinkThatItUsedLast() {
    RecordingLink second = new RecordingLink();
    members.heartbeat(member("a"), link, 0);
    members.heartbeat(member("a"), second, 0);
    members.heartbeat(member("a"), link, 0);
    members.tellAllChanged("G");
    assertThat(link.takeChanges()).isEqualTo(1);
    assertThat(second.takeChanges()).isZero();
  }

  @Test
  void memberWithoutHeartbeatExpires() {
    members.heartbeat(member("a"), link, 100);
    members.heartbeat(member("b"), new RecordingLink(), 200);
    members.takeChange();

    members.expire(100);
    assertThat(members.takeChange()).isFalse();
    members.expire(101);
    assertThat(members.sortedIds()).containsExactly("b");
    assertThat(members.takeChange()).isTrue();
  }

  @Test
  void oneMemberMoreThanAllowedIsRefusedWhileThoseWhoAreInGoOn() {
    for (String id : new String[] {"a", "b", "c"}) {
      assertThat(members.heartbeat(member(id), link, 0)).isNull();
    }
    assertThat(members.heartbeat(member("d"), link, 0)).isEqualTo(GroupRefused.TOO_MANY_MEMBERS);
    assertThat(members.heartbeat(member("a"), link, 0)).isNull();
    assertThat(members.sortedIds()).containsExactly("a", "b", "c");
  }

  @Test
  void oneTopicMoreThanAllowedIsRefusedAndChangesNothing() {
    members.heartbeat(member("a", tags("1", "*", 1), tags("2", "*", 1)), link, 0);
    members.heartbeat(member("b", tags("3", "*", 1), tags("4", "*", 1)), link, 0);
    members.takeChange();

    assertThat(members.heartbeat(member("c", tags("5", "*", 1)), link, 0))
        .isEqualTo(GroupRefused.TOO_MANY_TOPICS);
    assertThat(members.sortedIds()).containsExactly("a", "b");
    assertThat(members.takeChange()).isFalse();
    assertThat(members.heartbeat(member("c", tags("4", "*", 1)), link, 0)).isNull();
  }
}
