package io.sampo.cluster.protocol;

import static io.sampo.cluster.protocol.Fixtures.A;
import static io.sampo.cluster.protocol.Fixtures.ABC;
import static io.sampo.cluster.protocol.Fixtures.B;
import static io.sampo.cluster.protocol.Fixtures.C;
import static io.sampo.cluster.protocol.Fixtures.D;
import static io.sampo.cluster.protocol.Fixtures.SETTINGS;
import static io.sampo.cluster.protocol.Fixtures.epoch;
import static io.sampo.cluster.protocol.Fixtures.frames;
import static io.sampo.cluster.protocol.Fixtures.log;
import static io.sampo.cluster.protocol.Fixtures.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.cluster.protocol.ReplicaEffect.CommitMoved;
import io.sampo.cluster.protocol.ReplicaEffect.EndReason;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipLost;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipRefused;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipWon;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefused;
import io.sampo.cluster.protocol.ReplicaEffect.PersistPledge;
import io.sampo.cluster.protocol.ReplicaEffect.ReadReady;
import io.sampo.cluster.protocol.ReplicaEffect.ReadRefused;
import io.sampo.cluster.protocol.ReplicaInput.Appended;
import io.sampo.cluster.protocol.ReplicaInput.ChangeMembership;
import io.sampo.cluster.protocol.ReplicaInput.CutDone;
import io.sampo.cluster.protocol.ReplicaInput.Flushed;
import io.sampo.cluster.protocol.ReplicaInput.Lead;
import io.sampo.cluster.protocol.ReplicaInput.ReadBarrier;
import io.sampo.cluster.protocol.ReplicaMessage.Canvass;
import io.sampo.cluster.protocol.ReplicaMessage.CanvassGranted;
import io.sampo.cluster.protocol.ReplicaMessage.Diverged;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.Follows;
import io.sampo.cluster.protocol.ReplicaMessage.Held;
import io.sampo.cluster.protocol.ReplicaMessage.Leading;
import io.sampo.cluster.protocol.ReplicaMessage.Prepare;
import io.sampo.cluster.protocol.ReplicaMessage.Promise;
import io.sampo.cluster.protocol.ReplicaMessage.Refused;
import io.sampo.cluster.protocol.ReplicaMessage.StartsBeyond;
import io.sampo.cluster.protocol.ReplicaSettings.Acknowledge;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One step at a time; what all of them together do is {@link SimulationTest}'s. */
final class ReplicaCoreTest {
  private static final Pledge PROMISED_4 = new Pledge(4, false);

  private static SteppedReplica b() {
    return new SteppedReplica(B, log(500, epoch(4, 0)), PROMISED_4);
  }

  // Promises.

  @Test
  void aPromiseIsToldWhenItIsDurable() {
    SteppedReplica b = b().receives(A, new Prepare(5, 4, 500));
    assertThat(b.effects()).containsExactly(new PersistPledge(new Pledge(5, false)));
    b.persisted(5);
    assertThat(b.sentTo(A)).containsExactly(new Promise(5, 4, 500));
  }

  @Test
  void anEpochIsPromisedToOneCandidateAndAgainToNobodyAfterARestart() {
    SteppedReplica b = b().receives(A, new Prepare(5, 4, 500)).persisted(5);
    assertThat(b.receives(A, new Prepare(5, 4, 500)).sentTo(A))
        .containsExactly(new Promise(5, 4, 500));
    assertThat(b.receives(C, new Prepare(5, 4, 500)).sentTo(C))
        .containsExactly(new Refused(5, 5, RefusalReason.SUPERSEDED));
    SteppedReplica again =
        new SteppedReplica(B, log(500, epoch(4, 0)), new Pledge(5, false))
            .receives(A, new Prepare(5, 4, 500));
    assertThat(again.sentTo(A)).containsExactly(new Refused(5, 5, RefusalReason.SUPERSEDED));
  }

  @Test
  void whoPromisedMoreAcknowledgesNothingToTheOldLeader() {
    SteppedReplica b = b().receives(A, new Leading(4, 0, 0));
    long id = fetchOf(b, A).id();
    b.receives(A, new Fetched(4, id, frames(500, 600), 600, 0)).input(new Appended(600));
    b.receives(C, new Prepare(5, 4, 700));
    b.input(new Flushed(0, 600));
    assertThat(b.sentTo(A)).isEmpty();
    b.persisted(5);
    assertThat(b.sentTo(C)).containsExactly(new Promise(5, 4, 600));
    assertThat(b.receives(A, new Leading(4, 0, 0)).sentTo(A))
        .containsExactly(new Refused(4, 5, RefusalReason.SUPERSEDED));
  }

  @Test
  void aCanvassPromisesNothing() {
    SteppedReplica b = b().receives(A, new Canvass(9, 4, 500));
    assertThat(b.sentTo(A)).containsExactly(new CanvassGranted(9));
    assertThat(b.core().promisedEpoch()).isEqualTo(4);
  }

  @Test
  void whoIsBeingRepairedNeitherPromisesNorLeads() {
    SteppedReplica b = new SteppedReplica(B, log(500, epoch(4, 0)), new Pledge(4, true));
    assertThat(b.receives(A, new Prepare(5, 4, 500)).sentTo(A))
        .containsExactly(new Refused(5, 4, RefusalReason.REPAIRING));
    assertThat(b.input(new Lead(0)).effects())
        .containsExactly(new LeadershipRefused(EndReason.REPAIRING, 4));
  }

  @Test
  void whoWasRemovedIsRefusedByThoseWhoKnowMore() {
    assertThat(b().receives(D, new Canvass(9, 4, 400)).sentTo(D))
        .containsExactly(new Refused(9, 4, RefusalReason.NOT_A_MEMBER));
    assertThat(b().receives(D, new Canvass(9, 4, 600)).sentTo(D))
        .containsExactly(new CanvassGranted(9));
  }

  // Candidates.

  private static SteppedReplica candidate(LogOutline log) {
    return new SteppedReplica(A, log, PROMISED_4)
        .input(new Lead(0))
        .receives(B, new CanvassGranted(5))
        .persisted(5);
  }

  @Test
  void aCandidatePromisesItselfBeforeItAsksOthers() {
    SteppedReplica a = new SteppedReplica(A, log(500, epoch(4, 0)), PROMISED_4);
    assertThat(a.input(new Lead(0)).sentTo(B)).containsExactly(new Canvass(5, 4, 500));
    a.receives(B, new CanvassGranted(5));
    assertThat(a.effects()).containsExactly(new PersistPledge(new Pledge(5, false)));
    assertThat(a.persisted(5).sentTo(C)).containsExactly(new Prepare(5, 4, 500));
  }

  @Test
  void aPromiseThatComesTwiceIsOne() {
    SteppedReplica e =
        new SteppedReplica(
            A,
            new LogOutline(
                new LogBase(0, 0, Membership.ofVoters(List.of(A, B, C, D, new ReplicaId("e", 1)))),
                500,
                List.of(epoch(4, 0)),
                List.of()),
            PROMISED_4);
    e.input(new Lead(0)).receives(B, new CanvassGranted(5)).receives(C, new CanvassGranted(5));
    e.persisted(5).receives(B, new Promise(5, 4, 500)).receives(B, new Promise(5, 4, 500));
    assertThat(e.effects()).isEmpty();
    assertThat(e.receives(C, new Promise(5, 4, 500)).effects())
        .containsExactly(new ReplicaEffect.BeginEpoch(5));
  }

  @Test
  void aCandidateMakesItsLogEqualToTheMostAdvancedFirst() {
    SteppedReplica a = candidate(log(950, epoch(3, 0)));
    a.receives(B, new Promise(5, 4, 900));
    Fetch first = fetchOf(a, B);
    assertThat(first.end()).isEqualTo(950);
    a.receives(B, new Diverged(5, first.id(), 3, 600));
    assertThat(a.effects()).containsExactly(new ReplicaEffect.CutTo(600));
    assertThat(a.after(500).sentTo(B)).as("nothing before the cut is durable").isEmpty();
    Fetch second = fetchOf(a.input(new CutDone()), B);
    assertThat(second.end()).isEqualTo(600);
    Frames frames = frames(600, 900, epoch(4, 600));
    a.receives(B, new Fetched(5, second.id(), frames, 900, 0));
    assertThat(a.effects()).contains(new ReplicaEffect.AppendFrames(frames));
    assertThat(a.input(new Appended(900)).effects()).contains(new ReplicaEffect.BeginEpoch(5));
  }

  @Test
  void aCandidateThatIsNoVoterInTheNewestLogGivesUp() {
    SteppedReplica a = candidate(log(500, epoch(4, 0)));
    a.receives(B, new Promise(5, 4, 600));
    Membership withoutA = ABC.without(A);
    Frames frames = new Frames(500, 600, List.of(), List.of(new MembershipMark(600, withoutA)), "");
    a.receives(B, new Fetched(5, fetchOf(a, B).id(), frames, 600, 0)).input(new Appended(600));
    assertThat(a.effects()).contains(new LeadershipRefused(EndReason.NOT_A_VOTER, 5));
  }

  @Test // as one whose replication port is cut, while its small messages arrive
  void aCandidateDoesWithoutWhoPromisesAndCanNotBeFetchedFrom() {
    SteppedReplica a = candidate(log(500, epoch(4, 0)));
    a.receives(B, new Promise(5, 4, 900));
    assertThat(a.receives(C, new Promise(5, 4, 500)).effects()).isEmpty();
    assertThat(a.after(130).sentTo(B)).as("asked again").hasSize(1);
    assertThat(a.after(110).effects()).contains(new ReplicaEffect.BeginEpoch(5));
    assertThat(a.receives(B, new Promise(5, 4, 900)).effects()).isEmpty();
    assertThat(a.input(new Appended(548)).sentTo(B)).containsExactly(new Leading(5, 0, 0));
  }

  @Test
  void aCandidateWithoutAnotherMajorityAsksOn() {
    SteppedReplica a = candidate(log(500, epoch(4, 0)));
    a.receives(B, new Promise(5, 4, 900)).after(130);
    assertThat(a.after(130).sentTo(B)).hasAtLeastOneElementOfType(Fetch.class);
    assertThat(a.effects()).doesNotContain(new ReplicaEffect.BeginEpoch(5));
  }

  @Test
  void aCandidateWithoutAMajorityGivesUpInTime() {
    SteppedReplica a = candidate(log(500, epoch(4, 0)));
    assertThat(a.after(100).sentTo(C)).containsExactly(new Prepare(5, 4, 500));
    assertThat(a.after(600).effects())
        .containsExactly(new LeadershipRefused(EndReason.NO_MAJORITY, 5));
  }

  @Test
  void aSingleReplicaWinsAlone() {
    Membership alone = Membership.ofVoters(List.of(A));
    SteppedReplica a =
        new SteppedReplica(
            A, new LogOutline(new LogBase(0, 0, alone), 0, List.of(), List.of()), Pledge.NONE);
    a.input(new Lead(7));
    assertThat(a.effects()).containsExactly(new PersistPledge(new Pledge(7, false)));
    assertThat(a.persisted(7).effects()).containsExactly(new ReplicaEffect.BeginEpoch(7));
    a.input(new Appended(48)).input(new Flushed(0, 48));
    assertThat(a.effects()).contains(new LeadershipWon(7, 48));
    assertThat(a.core().ledEpoch()).isEqualTo(7);
  }

  // Leaders.

  private static SteppedReplica leader() {
    return SteppedReplica.leader(SETTINGS, log(500, epoch(4, 0)), 5);
  }

  @Test
  void aLeadershipIsWonWhenItsRecordIsCommitted() {
    SteppedReplica a = leader();
    assertThat(a.effects()).contains(new CommitMoved(548, 548), new LeadershipWon(5, 548));
    a.input(new Appended(700)).fetchedBy(B, 5, 700);
    assertThat(a.core().commit()).as("its own copy isn't flushed").isEqualTo(548);
    a.input(new Flushed(0, 700));
    assertThat(a.effects()).contains(new CommitMoved(700, 700));
  }

  @Test
  void whatAFollowerHoldsCountsOnlyOnceItsLogIsKnownToBeABeginning() {
    SteppedReplica a = leader();
    a.input(new Appended(700)).input(new Flushed(0, 700));
    a.receives(C, new Held(5, 700));
    a.receives(C, new Fetch(5, 1, 700, 4, 700, true));
    assertThat(a.sentTo(C)).containsExactly(new Diverged(5, 1, 4, 500));
    assertThat(a.core().commit()).isEqualTo(548);
    a.receives(C, new Fetch(5, 2, 700, 5, 700, true));
    assertThat(a.core().commit()).isEqualTo(700);
  }

  @Test
  void aFollowerWithALongerTailIsToldWhereToCut() {
    assertThat(leader().receives(C, new Fetch(5, 1, 9_000, 4, 9_000, true)).sentTo(C))
        .containsExactly(new Diverged(5, 1, 4, 500));
  }

  @Test
  void aFollowerThatNeedsWhatWasDroppedBeginsAtTheBase() {
    SteppedReplica a = leader().input(new ReplicaInput.StartMoved(400));
    assertThat(a.receives(C, new Fetch(5, 1, 300, 4, 300, true)).sentTo(C))
        .containsExactly(new StartsBeyond(5, 1, new LogBase(400, 4, ABC)));
  }

  @Test
  void howLongALeaderWaitsForCopiesIsCountedFromTheLastThatCame() {
    SteppedReplica a = leader().after(1_000);
    assertThat(a.core().stalledMs()).as("nothing to be copied").isZero();
    a.input(new Appended(700)).input(new Flushed(0, 700)).after(300).input(new Appended(900));
    assertThat(a.core().stalledMs()).isEqualTo(300);
    assertThat(a.fetchedBy(B, 5, 700).core().stalledMs()).isZero();
    assertThat(a.after(200).core().stalledMs()).as("900 is not copied").isEqualTo(200);
    assertThat(b().after(500).core().stalledMs()).as("who doesn't lead").isZero();
  }

  @Test
  void allWaitsForEveryVoterAndLeaderForNobody() {
    SteppedReplica all = SteppedReplica.leader(settings(Acknowledge.ALL), log(500, epoch(4, 0)), 5);
    assertThat(all.effects()).contains(new CommitMoved(548, 0));
    assertThat(all.fetchedBy(C, 5, 548).effects()).contains(new CommitMoved(548, 548));
    SteppedReplica alone =
        SteppedReplica.leader(settings(Acknowledge.LEADER), log(500, epoch(4, 0)), 5);
    alone.input(new Appended(700)).input(new Flushed(0, 700));
    assertThat(alone.effects()).contains(new CommitMoved(548, 700));
  }

  @Test
  void aLeaderThatHearsOfAHigherPromiseOfAMemberEnds() {
    SteppedReplica a = leader().receives(C, new Refused(5, 8, RefusalReason.SUPERSEDED));
    assertThat(a.effects()).containsExactly(new LeadershipLost(5, EndReason.SUPERSEDED));
    assertThat(leader().receives(D, new Refused(5, 8, RefusalReason.SUPERSEDED)).effects())
        .as("of a stranger")
        .isEmpty();
  }

  @Test
  void twoLeadersOfOneEpochAreAViolation() {
    SteppedReplica a = leader();
    assertThatThrownBy(() -> a.receives(C, new Leading(5, 0, 0)))
        .isInstanceOf(ProtocolViolation.class);
  }

  // Followers.

  @Test
  void aFollowerFetchesNothingBeforeTheEpochIsDurablyItsOwn() {
    SteppedReplica b = b().receives(A, new Leading(5, 0, 3));
    assertThat(b.sentTo(A)).containsExactly(new Follows(5, 3));
    assertThat(b.persisted(5).sentTo(A)).containsExactly(new Fetch(5, 100, 500, 4, 500, false));
  }

  @Test
  void aFollowerSaysWhatItHoldsWhenItIsFlushed() {
    SteppedReplica b = b().receives(A, new Leading(4, 0, 0));
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(500, 600), 600, 0));
    b.input(new Appended(600));
    assertThat(fetchOf(b, A).held()).isEqualTo(500);
    assertThat(b.input(new Flushed(0, 600)).sentTo(A)).containsExactly(new Held(4, 600));
  }

  @Test
  void aFlushOfBeforeACutSaysNothingAboutWhatCameAfterIt() {
    SteppedReplica b = b().receives(A, new Leading(4, 0, 0));
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(500, 600), 600, 0));
    b.input(new Appended(600));
    b.receives(C, new Leading(5, 0, 0)).persisted(5);
    b.receives(C, new Diverged(5, fetchOf(b, C).id(), 4, 500)).input(new Flushed(0, 600));
    b.input(new CutDone());
    Frames other = frames(500, 600, epoch(5, 500));
    b.receives(C, new Fetched(5, fetchOf(b, C).id(), other, 600, 0)).input(new Appended(600));
    assertThat(b.core().log().flushed()).isEqualTo(500);
    assertThat(b.effects()).contains(new ReplicaEffect.Flush(1));
    assertThat(b.input(new Flushed(1, 600)).sentTo(C)).containsExactly(new Held(5, 600));
  }

  @Test
  void theLeadersCommitPositionIsBelievedOnlyOfAMatchingLog() {
    SteppedReplica b = b().receives(A, new Leading(4, 500, 0));
    assertThat(b.core().commit()).isZero();
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(500, 500), 900, 700));
    assertThat(b.core().commit()).isEqualTo(500);
  }

  @Test
  void whatAFollowerKnowsToBeCommittedAllNeedNotHold() {
    SteppedReplica b =
        new SteppedReplica(B, settings(Acknowledge.ALL), log(500, epoch(4, 0)), PROMISED_4);
    b.receives(A, new Leading(4, 500, 0));
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(500, 500), 900, 700));
    assertThat(b.effects()).contains(new CommitMoved(500, 0));

    b.input(new Lead(4)).receives(C, new CanvassGranted(5)).persisted(5);
    b.receives(C, new Promise(5, 4, 500)).input(new Appended(548)).input(new Flushed(0, 548));
    assertThat(b.fetchedBy(C, 5, 548).effects()).contains(new CommitMoved(548, 0));
    assertThat(b.fetchedBy(A, 5, 548).effects()).contains(new CommitMoved(548, 548));
  }

  @Test
  void howLongALeaderIsSilentIsCountedFromTheStartAndFromTheEndOfTheOwnLeadership() {
    SteppedReplica b = b().after(10);
    assertThat(b.core().leaderSilentMs()).isZero();
    assertThat(b.after(70).core().leaderSilentMs()).isEqualTo(70);
    assertThat(b.receives(A, new Leading(4, 0, 0)).core().leaderSilentMs()).isZero();
    SteppedReplica a = SteppedReplica.leader(SETTINGS, log(500, epoch(4, 0)), 5).after(900);
    a.receives(C, new Refused(5, 6, RefusalReason.SUPERSEDED));
    assertThat(a.core().ledEpoch()).isZero();
    assertThat(a.after(30).core().leaderSilentMs()).isEqualTo(30);
  }

  @Test
  void aFollowerNeverCutsWhatItKnowsToBeCommitted() {
    SteppedReplica b = b().receives(A, new Leading(4, 0, 0));
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(500, 500), 500, 500));
    b.receives(C, new Leading(5, 0, 0)).persisted(5);
    Fetch fetch = fetchOf(b, C);
    assertThatThrownBy(() -> b.receives(C, new Diverged(5, fetch.id(), 4, 300)))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void anAnswerToAnotherFetchIsNone() {
    SteppedReplica b = b().receives(A, new Leading(4, 0, 0));
    Fetch fetch = fetchOf(b, A);
    Fetched late = new Fetched(4, fetch.id() - 1, frames(500, 600), 600, 0);
    assertThat(b.receives(A, late).effects()).isEmpty();
    Fetched strange = new Fetched(4, fetch.id(), frames(500, 600), 600, 0);
    assertThat(b.receives(C, strange).effects()).isEmpty();
  }

  @Test
  void aFullDiskAsksAgainLater() {
    SteppedReplica b = b().receives(A, new Leading(4, 0, 0));
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(500, 600), 600, 0));
    assertThat(b.input(new ReplicaInput.AppendRefused()).effects()).isEmpty();
    assertThat(fetchOf(b.after(120), A).end()).isEqualTo(500);
  }

  @Test
  void aRepairEndsWhenAllThatTheLeaderHadIsOnTheDisk() {
    SteppedReplica b = new SteppedReplica(B, log(500, epoch(4, 0)), new Pledge(4, true));
    b.receives(A, new Leading(4, 0, 0));
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(500, 600), 700, 0));
    b.input(new Appended(600)).input(new Flushed(0, 600));
    assertThat(b.core().isRepairing()).isTrue();
    b.after(120);
    b.receives(A, new Fetched(4, fetchOf(b, A).id(), frames(600, 700), 900, 0));
    b.input(new Appended(700)).input(new Flushed(0, 700));
    assertThat(b.effects()).contains(new PersistPledge(new Pledge(4, false)));
  }

  // Membership.

  @Test
  void oneMembershipAtATimeAndOneVoterApart() {
    SteppedReplica a = leader();
    Membership two = ABC.without(C);
    assertThat(a.input(new ChangeMembership(two.without(B))).effects())
        .containsExactly(
            new MembershipRefused(two.without(B), MembershipRefusal.MORE_THAN_ONE_VOTER_APART));
    a.input(new ChangeMembership(two));
    assertThat(a.effects()).containsExactly(new ReplicaEffect.AppendMembership(5, two));
    a.input(new Appended(644));
    assertThat(a.core().log().membership()).isEqualTo(two);
    assertThat(a.input(new ChangeMembership(ABC)).effects())
        .containsExactly(new MembershipRefused(ABC, MembershipRefusal.ANOTHER_UNDER_WAY));
    a.input(new Flushed(0, 644)).fetchedBy(B, 5, 644);
    assertThat(a.effects()).contains(new ReplicaEffect.MembershipCommitted(two));
  }

  @Test
  void aVoterMustHaveLearnedFirst() {
    SteppedReplica a = leader();
    Membership four = ABC.withVoter(D);
    assertThat(a.input(new ChangeMembership(four)).effects())
        .containsExactly(new MembershipRefused(four, MembershipRefusal.NOT_CAUGHT_UP));
    a.input(new ChangeMembership(ABC.withLearner(D))).input(new Appended(644));
    a.input(new Flushed(0, 644)).fetchedBy(B, 5, 644).fetchedBy(D, 5, 644);
    assertThat(a.input(new ChangeMembership(four)).effects())
        .containsExactly(new ReplicaEffect.AppendMembership(5, four));
  }

  @Test
  void aLeaderThatRemovesItselfLeadsUntilThatIsCommitted() {
    SteppedReplica a = leader();
    Membership withoutA = ABC.without(A);
    a.input(new ChangeMembership(withoutA)).input(new Appended(644)).input(new Flushed(0, 644));
    a.fetchedBy(B, 5, 644);
    assertThat(a.core().ledEpoch()).as("its own copy counts no more").isEqualTo(5);
    a.fetchedBy(C, 5, 644);
    assertThat(a.effects()).contains(new LeadershipLost(5, EndReason.NOT_A_VOTER));
  }

  // Reads.

  @Test
  void aReadWaitsForAMajorityThatSaysSoAfterIt() {
    SteppedReplica a = leader().input(new ReadBarrier(1));
    assertThat(a.sentTo(B)).containsExactly(new Leading(5, 548, 1));
    assertThat(a.receives(B, new Follows(5, 0)).effects()).isEmpty();
    a.input(new ReadBarrier(2));
    assertThat(a.receives(B, new Follows(5, 1)).effects()).contains(new ReadReady(1, 548));
    assertThat(a.effects()).doesNotContain(new ReadReady(2, 548));
    assertThat(a.receives(C, new Follows(5, 2)).effects()).contains(new ReadReady(2, 548));
  }

  @Test
  void readsOfAnEndedLeadershipAreRefused() {
    SteppedReplica a = leader().input(new ReadBarrier(1)).receives(C, new Prepare(9, 4, 500));
    assertThat(a.effects())
        .contains(new ReadRefused(1), new LeadershipLost(5, EndReason.SUPERSEDED));
    assertThat(a.input(new ReadBarrier(2)).effects()).containsExactly(new ReadRefused(2));
  }

  @Test
  void readsThatWaitAreBounded() {
    SteppedReplica a = leader();
    for (long token = 1; token <= SETTINGS.barriersMax(); token++) {
      assertThat(a.input(new ReadBarrier(token)).effects()).doesNotContain(new ReadRefused(token));
    }
    assertThat(a.input(new ReadBarrier(99)).effects()).containsExactly(new ReadRefused(99));
  }

  private static Fetch fetchOf(SteppedReplica replica, ReplicaId to) {
    for (ReplicaMessage message : replica.sentTo(to)) {
      if (message instanceof Fetch fetch) {
        return fetch;
      }
    }
    throw new AssertionError("no fetch among " + replica.effects());
  }
}
