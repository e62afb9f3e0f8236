package dev.freshet.config;

import java.time.Duration;

/**
 * How changes are captured.
 *
 * @param managePublication whether Freshet adds and drops tables of the publication itself; it only
 *     checks them otherwise
 * @param manageReplicaIdentity whether Freshet sets REPLICA IDENTITY FULL where a query needs old
 *     values; it only checks otherwise
 * @param statusInterval the longest time between two status messages to the server
 * @param replicaIdentityLockTimeout how long one attempt to change a replica identity waits for its
 *     lock
 */
public record CdcConfig(
    CdcMode mode,
    String slotName,
    String publicationName,
    boolean managePublication,
    boolean manageReplicaIdentity,
    Duration replicaIdentityLockTimeout,
    BufferConfig buffer,
    Duration statusInterval,
    SlotFailover failover) {

  public CdcConfig {
    Settings.CDC_SLOT_NAME.require(slotName);
    Settings.CDC_PUBLICATION_NAME.require(publicationName);
    Settings.CDC_REPLICA_IDENTITY_LOCK_TIMEOUT.require(replicaIdentityLockTimeout);
    Settings.CDC_STATUS_INTERVAL.require(statusInterval);
  }
}
