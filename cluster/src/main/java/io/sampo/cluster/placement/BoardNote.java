package io.sampo.cluster.placement;

import io.sampo.cluster.serialization.ControlMessage;

/** What lies on the {@link ReplicaBoard}. */
sealed interface BoardNote extends ControlMessage permits NodeReplicas, ReplicaBoard.Wanted {}
