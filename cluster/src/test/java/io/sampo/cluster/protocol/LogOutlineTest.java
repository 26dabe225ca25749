package io.sampo.cluster.protocol;

import static io.sampo.cluster.protocol.Fixtures.A;
import static io.sampo.cluster.protocol.Fixtures.ABC;
import static io.sampo.cluster.protocol.Fixtures.epoch;
import static io.sampo.cluster.protocol.Fixtures.frames;
import static io.sampo.cluster.protocol.Fixtures.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LogOutlineTest {
  private static final Membership ONLY_A = Membership.ofVoters(List.of(A));

  @Test
  void aCutTakesEpochsAndMembershipsBehindItAlong() {
    LogOutline log = log(500, epoch(1, 0));
    log.append(
        new Frames(500, 800, List.of(epoch(2, 500)), List.of(new MembershipMark(600, ONLY_A)), ""));
    assertThat(log.membership()).isEqualTo(ONLY_A);
    log.cutTo(599);
    assertThat(log.membership()).isEqualTo(ABC);
    assertThat(log.lastEpoch()).isEqualTo(2);
    log.cutTo(500);
    assertThat(log.lastEpoch()).isEqualTo(1);
    assertThat(log.flushed()).isEqualTo(500);
  }

  @Test
  void whatIsDroppedLeavesItsEpochAndMembershipBehind() {
    LogOutline log =
        new LogOutline(
            new LogBase(0, 0, ABC),
            900,
            List.of(epoch(1, 0), epoch(2, 500)),
            List.of(new MembershipMark(300, ONLY_A)));
    log.startAt(400);
    assertThat(log.base()).isEqualTo(new LogBase(400, 1, ONLY_A));
    assertThat(log.holds(400, 1)).isTrue();
    assertThat(log.holds(399, 1)).isFalse();
    assertThat(log.endOf(1)).isEqualTo(500);
    assertThat(log.membershipEnd()).isEqualTo(400);
    log.startAt(500);
    assertThat(log.base().epoch()).isEqualTo(1);
    assertThat(log.lastEpoch()).isEqualTo(2);
  }

  @Test
  void framesFollowWithoutGapAndEpochsGrow() {
    LogOutline log = log(500, epoch(2, 0));
    assertThatThrownBy(() -> log.append(frames(501, 600))).isInstanceOf(ProtocolViolation.class);
    assertThatThrownBy(() -> log.append(frames(500, 600, epoch(2, 500))))
        .isInstanceOf(ProtocolViolation.class);
    assertThatThrownBy(() -> log.cutTo(501)).isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void anEmptyLogBehindABaseContinuesItsEpoch() {
    LogOutline log = log(500, epoch(2, 0));
    log.resetTo(new LogBase(4_000, 7, ONLY_A));
    assertThat(log.lastEpoch()).isEqualTo(7);
    assertThat(log.holds(4_000, 7)).isTrue();
    assertThat(log.epochNotAbove(6)).isEqualTo(-1);
    log.append(frames(4_000, 4_100));
    assertThat(log.epochBefore(4_100)).isEqualTo(7);
  }
}
